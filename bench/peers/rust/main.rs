// SPDX-License-Identifier: MIT

//! A plain comparer of two files or two trees: what anybody would write with Rust's standard library alone. It knows no
//! shortcuts: all sizes are read through, two buffers at a time, on one thread.
//!
//! Exit code 0: equal, 1: different, 2: neither can be said.
use std::ffi::OsString;
use std::fs::{self, File, FileType};
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::process::ExitCode;

/// Fits the second-level cache of what is measured on, twice.
const PIECE: usize = 256 << 10;

struct Buffers {
    left: Vec<u8>,
    right: Vec<u8>,
}

/// Fewer bytes than asked for only at the end.
fn read_piece(from: &mut File, into: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < into.len() {
        match from.read(&mut into[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(filled)
}

fn same_content(a: &Path, b: &Path, buffers: &mut Buffers) -> io::Result<bool> {
    let (mut a, mut b) = (File::open(a)?, File::open(b)?);
    loop {
        let n = read_piece(&mut a, &mut buffers.left)?;
        let m = read_piece(&mut b, &mut buffers.right)?;
        if buffers.left[..n] != buffers.right[..m] {
            return Ok(false);
        }
        if n < PIECE {
            return Ok(true);
        }
    }
}

fn sorted(path: &Path) -> io::Result<Vec<(OsString, FileType)>> {
    let mut names = fs::read_dir(path)?
        .map(|entry| entry.and_then(|entry| Ok((entry.file_name(), entry.file_type()?))))
        .collect::<io::Result<Vec<_>>>()?;
    names.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(names)
}

fn same_tree(a: &Path, b: &Path, buffers: &mut Buffers) -> io::Result<bool> {
    let (ours, theirs) = (sorted(a)?, sorted(b)?);
    if ours.len() != theirs.len() {
        return Ok(false);
    }
    for ((name, kind), (other, other_kind)) in ours.iter().zip(&theirs) {
        if name != other || kind != other_kind || !same_entry(&a.join(name), &b.join(name), *kind, buffers)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn same_entry(a: &Path, b: &Path, kind: FileType, buffers: &mut Buffers) -> io::Result<bool> {
    if kind.is_dir() {
        same_tree(a, b, buffers)
    } else if kind.is_file() {
        same_content(a, b, buffers)
    } else if kind.is_symlink() {
        Ok(fs::read_link(a)? == fs::read_link(b)?)
    } else {
        Ok(true)
    }
}

fn run(args: &[OsString]) -> io::Result<bool> {
    let (a, b) = match args {
        [a, b] => (Path::new(a), Path::new(b)),
        _ => return Err(io::Error::new(ErrorKind::InvalidInput, "usage: plain-rust A B")),
    };
    let kind = fs::metadata(a)?.file_type();
    if kind != fs::metadata(b)?.file_type() {
        return Ok(false);
    }
    let mut buffers = Buffers { left: vec![0; PIECE], right: vec![0; PIECE] };
    same_entry(a, b, kind, &mut buffers)
}

fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().skip(1).collect();
    if args.len() == 1 && args[0] == "--version" {
        println!("plain read in Rust, {}", env!("COMPILER"));
        return ExitCode::SUCCESS;
    }
    match run(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(e) => {
            eprintln!("{e}");
            ExitCode::from(2)
        }
    }
}
