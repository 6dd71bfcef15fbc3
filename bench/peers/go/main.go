// SPDX-License-Identifier: MIT

// A plain comparer of two files or two trees: what anybody would write with Go's standard library alone. It knows no
// shortcuts: all sizes are read through, two buffers at a time, on one thread.
//
// Exit code 0: equal, 1: different, 2: neither can be said.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
)

// Fits the second-level cache of what is measured on, twice.
const piece = 256 << 10

var left, right [piece]byte

func sameContent(a, b string) (bool, error) {
	x, err := os.Open(a)
	if err != nil {
		return false, err
	}
	defer x.Close()
	y, err := os.Open(b)
	if err != nil {
		return false, err
	}
	defer y.Close()
	for {
		n, err := readPiece(x, left[:])
		if err != nil {
			return false, err
		}
		m, err := readPiece(y, right[:])
		if err != nil {
			return false, err
		}
		if !bytes.Equal(left[:n], right[:m]) {
			return false, nil
		}
		if n < piece {
			return true, nil
		}
	}
}

// Fewer bytes than asked for only at the end.
func readPiece(from io.Reader, into []byte) (int, error) {
	n, err := io.ReadFull(from, into)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return n, err
}

// os.ReadDir sorts by name.
func sameTree(a, b string) (bool, error) {
	ours, err := os.ReadDir(a)
	if err != nil {
		return false, err
	}
	theirs, err := os.ReadDir(b)
	if err != nil {
		return false, err
	}
	if len(ours) != len(theirs) {
		return false, nil
	}
	for i, entry := range ours {
		if entry.Name() != theirs[i].Name() || entry.Type() != theirs[i].Type() {
			return false, nil
		}
		same, err := sameEntry(filepath.Join(a, entry.Name()), filepath.Join(b, entry.Name()), entry.Type())
		if !same || err != nil {
			return false, err
		}
	}
	return true, nil
}

func sameEntry(a, b string, kind os.FileMode) (bool, error) {
	switch {
	case kind.IsDir():
		return sameTree(a, b)
	case kind.IsRegular():
		return sameContent(a, b)
	case kind&os.ModeSymlink != 0:
		x, err := os.Readlink(a)
		if err != nil {
			return false, err
		}
		y, err := os.Readlink(b)
		return x == y, err
	}
	return true, nil
}

func run(args []string) (bool, error) {
	if len(args) != 2 {
		return false, errors.New("usage: plain-go A B")
	}
	a, err := os.Stat(args[0])
	if err != nil {
		return false, err
	}
	b, err := os.Stat(args[1])
	if err != nil {
		return false, err
	}
	if a.Mode().Type() != b.Mode().Type() {
		return false, nil
	}
	return sameEntry(args[0], args[1], a.Mode().Type())
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == "--version" {
		fmt.Println("plain read in Go,", runtime.Version())
		return
	}
	same, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if !same {
		os.Exit(1)
	}
}
