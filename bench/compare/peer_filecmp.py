# filecmp over files or whole trees, by their bytes. Exit code 0: equal, 3: different.
import filecmp
import os
import sys


def same(left, right):
    if not os.path.isdir(left):
        return filecmp.cmp(left, right, shallow=False)
    for (a, dirs, files), (b, other_dirs, other_files) in zip(walk(left), walk(right)):
        if dirs != other_dirs or files != other_files:
            return False
        if len(filecmp.cmpfiles(a, b, files, shallow=False)[0]) != len(files):
            return False
    return True


def walk(root):
    for path, dirs, files in os.walk(root):
        dirs.sort()
        yield path, list(dirs), sorted(files)


sys.exit(0 if same(sys.argv[1], sys.argv[2]) else 3)
