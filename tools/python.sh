# Read by tools/demo and its neighbours, with $here set: sets $python to a Python that can run the project.
# The environment's own comes first: it is known to fit, and starts faster than a version manager's shim.
python=
for candidate in "$here/../.venv/bin/python" python3 python3.14 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "Checkpost needs Python 3.11 or newer and found none among python3 and python3.14 to python3.11: install one and run the command again." >&2
    exit 2
fi
