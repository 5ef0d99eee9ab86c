"""Compare what is sealed of an environment with pip and with this interpreter.

usage: environment.py PROGRAM MODEL

Lines of requirements are read by pip's own parser (pip._internal.req.req_file, packaging) and by the program; the pins, and
which lines are refused, must be the same. What `sign --python` says must be what this interpreter says of itself.
The last line is `environment: N passed, M failed`.
"""
import importlib.metadata as metadata, json, os, platform, subprocess, sys, tempfile

from pip._internal.network.session import PipSession
from pip._internal.req.constructors import install_req_from_parsed_requirement
from pip._internal.req.req_file import parse_requirements
from pip._vendor.packaging.utils import canonicalize_name

PROGRAM, MODEL = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
HASH = "--hash=sha256:" + "0" * 64
# On these pips differ among themselves, and are left out: a==1#c, a==, a>1<2, and a comma at the end.
FILES = [
    "numpy==1.26.4\n", "NumPy == 1.26.4\n", "a.b_c==1\n", "a--b===1.0\n", "a[x,y]==1 # c\n", "a (==1.0)\n", "a==1.0,>=0.9\n",
    "a==1.*\n", "a>=1\n", "a\n", "a~=1.1; python_version<'3'\n", "a==1 ; python_version < '4' and os_name == 'posix'\n",
    "a==1 \\\n  %s \\\n  %s\n" % (HASH, HASH), "a==1 %s\nb==2\n" % HASH, "a==1 \\\n# c\nb==2\n", "# c \\\na==1\n", "a==1 \\\n\nb==2",
    "a==1\\\n.2\n", "\ta==1  \n", "a==1\r\nb==2\r\n", "--pre\na==1\n", "-i https://index.example/simple\na==1\n",
    "a==1!2.0\n", "a==1.0+local.1\n", "a==v1.0\n", "a==1.0rc1\n", "a[]==1\n", "a[ x ]==1\n", "a == 1 , != 2\n", "a!=1\n", "a<2,>1\n",
    "a @ https://host.org/a-1.0-py3-none-any.whl\n", "a=1\n", "a 1\n", "==1\n", "a==1;\n", "a[==1\n", "_a==1\n",
    "a-==1\n", "a==1 0\n", "a==1 --hash=sha256\n", "Package Version\n", "a(==1\n", "\xfc==1\n", "a===1.0-x\n",
]
passed, failed = 0, []


def told(good, what):
    global passed
    if good: passed += 1
    else: failed.append(what); print("  short:", what)


def by_pip(path):
    pins = set()
    for parsed in parse_requirements(path, session=PipSession()):
        if parsed.is_editable: continue
        found = install_req_from_parsed_requirement(parsed)
        for one in found.req.specifier if found.req and not found.link else []:
            if one.operator == "===" or one.operator == "==" and "*" not in one.version:
                pins.add((canonicalize_name(found.req.name), one.version)); break
    return sorted(pins)


def run(*args):
    return subprocess.run([PROGRAM, *args], capture_output=True, text=True)


def statements():
    return json.loads(run("inspect", "model.seal", "--json").stdout)["results"][0]["seal"]["statements"]["environment@1"]


os.chdir(tempfile.mkdtemp())
assert run("keygen", "-o", "ci").returncode == 0
for text in FILES:
    with open("requirements.txt", "w", encoding="utf-8", newline="") as file: file.write(text)
    try: expected = by_pip("requirements.txt")
    except Exception as error: expected = type(error).__name__
    got = run("sign", MODEL, "-k", "ci", "-o", "model.seal", "--env", "requirements.txt")
    if got.returncode == 0: found = [(pin["name"], pin["version"]) for pin in statements()["locks"][0]["pins"]]
    else: found = got.stderr.strip().split("\n")[0]
    told(isinstance(expected, str) == isinstance(found, str) and (isinstance(found, str) or found == expected), "%r: pip says %s, coldload %s" % (text, expected, found))

frozen = subprocess.run([sys.executable, "-m", "pip", "freeze", "--all"], capture_output=True, text=True).stdout
with open("requirements.txt", "w") as file: file.write(frozen)
got = run("sign", MODEL, "-k", "ci", "-o", "model.seal", "--env", "requirements.txt", "--python", sys.executable)
told(got.returncode in (0, 1), "pip freeze: %s" % got.stderr)
with open("requirements.txt", "w") as file: file.write("\n".join(line for line in frozen.split("\n") if not line.startswith("scikit-learn==")))
told(run("sign", MODEL, "-k", "ci", "-o", "model.seal", "--env", "requirements.txt").returncode == 0, "pip freeze without scikit-learn")
pins = {pin["name"]: pin["version"] for pin in statements()["locks"][0]["pins"]}
told(pins == {name: version for name, version in by_pip("requirements.txt")}, "the pins of pip freeze")

own = {canonicalize_name(found.metadata["Name"]): found.version for found in metadata.distributions()}
got = run("sign", MODEL, "-k", "ci", "-o", "model.seal", "--python", sys.executable)
same = own.get("scikit-learn") in (None, json.loads(run("inspect", MODEL, "--json").stdout)["results"][0]["model"]["sklearn_versions"][0])
told(got.returncode == (0 if same else 1), "--python: exit %d, %s%s" % (got.returncode, got.stdout, got.stderr))
if got.returncode == 0:
    environment = statements()
    told({p["name"]: p["version"] for p in environment["packages"]["installed"]} == own, "packages of --python")
    told(environment["python"]["version"] == platform.python_version(), "version of --python")
    told(environment["platform"]["machine"] == platform.machine(), "machine of --python")
print("environment: %d passed, %d failed" % (passed, len(failed)))
sys.exit(bool(failed))
