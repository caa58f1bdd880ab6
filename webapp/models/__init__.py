"""Tables, one file per noun: columns, constraints, relations. No queries, no saving.

Every file here is loaded as soon as one of them is: relations name classes of other files. A new one is found by itself.
"""

from importlib import import_module
from pkgutil import iter_modules

for _file in iter_modules(__path__):
    import_module(f"{__name__}.{_file.name}")
