# komparu over files, trees or archives. Exit code 0: equal, 3: different.
import os
import sys

import komparu

left, right = sys.argv[1:3]
if os.path.isdir(left):
    equal = komparu.compare_dir(left, right).equal
elif left.endswith((".tar.gz", ".zip")):
    equal = komparu.compare_archive(left, right).equal
else:
    equal = komparu.compare(left, right)
sys.exit(0 if equal else 3)
