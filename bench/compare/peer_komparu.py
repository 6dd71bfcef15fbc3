# komparu over files or trees. Exit code 0: equal, 3: different.
import os
import sys

import komparu

left, right = sys.argv[1:3]
if os.path.isdir(left):
    equal = komparu.compare_dir(left, right).equal
else:
    equal = komparu.compare(left, right)
sys.exit(0 if equal else 3)
