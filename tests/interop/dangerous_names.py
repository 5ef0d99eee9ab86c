"""Names that run code, read or write files, or reach the network when a pickle calls them.

`CORE` are attacks that work as written (arguments included): each is tried in every encoding.
`MORE` are one name each; most are called with harmless arguments, for no reader should get that far.
"""
from opcodes import MARKER, PYTHON, SHELL, call, name, pickle

FILE = (MARKER, "w")
ARGV = ["touch", MARKER]
EVIL = pickle(call(name("os", "system"), SHELL))

# (module, qualified name, arguments)
CORE = [
    ("os", "system", (SHELL,)),
    ("posix", "system", (SHELL,)),
    ("os", "popen", (SHELL,)),
    ("subprocess", "Popen", (ARGV,)),
    ("subprocess", "call", (ARGV,)),
    ("subprocess", "check_output", (ARGV,)),
    ("subprocess", "run", (ARGV,)),
    ("subprocess", "getoutput", (SHELL,)),
    ("builtins", "eval", (PYTHON,)),
    ("builtins", "exec", (PYTHON,)),
    ("builtins", "open", FILE),
    ("io", "open", FILE),
    ("pty", "spawn", (ARGV,)),
    ("timeit", "timeit", ("0", PYTHON)),
    ("cProfile", "run", (PYTHON,)),
    ("pdb", "run", (PYTHON,)),
    ("pickle", "loads", (EVIL,)),
    ("_pickle", "loads", (EVIL,)),
    ("uuid", "_get_command_stdout", ("touch", MARKER)),
    ("pydoc", "pipepager", ("", SHELL)),
    ("os", "spawnlp", (0, "touch", "touch", MARKER)),
    ("posix", "posix_spawn", ("/usr/bin/touch", ARGV, {})),
    ("code", "InteractiveInterpreter", ()),
    ("functools", "reduce", (name("builtins", "eval"), [PYTHON, {}])),
    ("pandas", "eval", ("1 + 1",)),
    ("numpy.testing._private.utils", "runstring", (PYTHON, {})),
    ("doctest", "debug_script", (PYTHON,)),
    ("asyncio.unix_events", "_compute_returncode", (0,)),
    ("_posixsubprocess", "fork_exec", ()),
    ("ctypes", "CDLL", ("libc.so.6",)),
    ("shutil", "copyfile", ("/dev/null", MARKER)),
    ("pathlib", "Path.touch", (call(name("pathlib", "PosixPath"), MARKER),)),
    ("distutils.spawn", "spawn", (ARGV,)),
    ("trace", "Trace.run", (call(name("trace", "Trace")), PYTHON)),
    ("bdb", "Bdb.run", (call(name("bdb", "Bdb")), PYTHON)),
    ("logging", "FileHandler", FILE),
    ("joblib.numpy_pickle", "load", ("absent.pkl",)),
    ("importlib", "import_module", ("antigravity_",)),
    ("runpy", "run_path", ("absent.py",)),
    ("marshal", "loads", (b"N",)),
]

# module: names. A name of a STRICT module must be called dangerous; elsewhere another refusal is as good.
STRICT = {"os", "posix", "nt", "subprocess", "commands", "pty", "runpy", "pickle", "_pickle", "marshal", "ctypes", "importlib", "shutil", "socket", "webbrowser", "code", "_posixsubprocess"}
MORE = """
os: execv execve execvp execl execlp execle execvpe spawnv spawnve spawnvp spawnl spawnle fork forkpty kill killpg abort _exit remove unlink rename replace rmdir removedirs mkdir makedirs chmod chown link symlink putenv setuid open fdopen write startfile posix_spawn environ.update _execvpe _spawnvef popen2 chdir chroot truncate listdir walk getenv
posix: popen execv execve fork forkpty remove unlink rename kill putenv posix_spawnp open write _exit chmod symlink truncate
nt: system popen startfile execv spawnv remove
subprocess: check_call getstatusoutput Popen.communicate list2cmdline _args_from_interpreter_flags
_posixsubprocess: fork_exec
builtins: compile __import__ getattr setattr delattr map filter input breakpoint globals locals vars type super memoryview classmethod staticmethod property object.__getattribute__ object.__reduce_ex__ type.__call__ dict.update help exit quit copyright.__call__ print id iter next sorted max min any all sum zip enumerate callable hasattr isinstance
__builtin__: eval execfile apply reload file input raw_input getattr compile open reduce __import__ map filter intern
commands: getoutput getstatusoutput
popen2: popen2 popen3
pty: fork
runpy: run_module _run_code _run_module_code run_path _run_module_as_main
timeit: main repeat Timer
profile: run runctx Profile.run Profile.runctx
cProfile: runctx Profile.runcall
pdb: runeval runcall run_line Pdb set_trace
bdb: Bdb.runctx Bdb.runeval
trace: Trace Trace.runctx main
code: interact InteractiveConsole InteractiveInterpreter.runcode InteractiveInterpreter.runsource compile_command
codeop: Compile CommandCompiler compile_command
importlib: reload __import__ import_module
importlib._bootstrap: _load _exec _call_with_frames_removed _find_and_load
importlib._bootstrap_external: SourceFileLoader SourcelessFileLoader ExtensionFileLoader
importlib.machinery: SourceFileLoader ExtensionFileLoader
importlib.util: spec_from_file_location module_from_spec find_spec
imp: load_source load_module load_compiled load_dynamic reload
pkgutil: resolve_name walk_packages get_data find_loader
zipimport: zipimporter
operator: attrgetter methodcaller call setitem delitem iadd
_operator: attrgetter methodcaller itemgetter call
functools: reduce partial partialmethod singledispatch cached_property lru_cache
itertools: starmap accumulate filterfalse takewhile
types: CodeType FunctionType MethodType ModuleType new_class DynamicClassAttribute coroutine SimpleNamespace GenericAlias
marshal: load dumps
pickle: load Unpickler _loads _load Unpickler.find_class whichmodule
_pickle: load Unpickler
cPickle: loads load
shelve: open DbfilenameShelf
dbm: open
dbm.dumb: open
copyreg: pickle add_extension __newobj__ __newobj_ex__ _extension_registry.update dispatch_table.update
copy: copy deepcopy _reconstruct
joblib: load Memory Parallel delayed hash dump
joblib.memory: Memory MemorizedFunc MemorizedResult
joblib.numpy_pickle: load_temporary_memmap dump NumpyUnpickler ZNDArrayWrapper.read NDArrayWrapper.read
joblib.externals.cloudpickle: loads load
joblib.externals.loky: get_reusable_executor
joblib._parallel_backends: SafeFunction
joblib.parallel: BatchedCalls
dill: loads load load_session load_module source.getsource
dill._dill: loads load load_session _import_module _getattribute _eval_repr _create_function _create_code _load_type _get_attr exec
cloudpickle: loads load
cloudpickle.cloudpickle: subimport _make_function _builtin_type _make_skel_func _fill_function _make_cell _gen_ellipsis
torch: load hub.load save compile jit.load
torch.hub: load load_state_dict_from_url _load_local
torch.serialization: load _load
torch.utils.cpp_extension: load load_inline
torch.jit: load script
numpy: load memmap save savetxt fromfile loadtxt genfromtxt frompyfunc vectorize fromregex ndarray.tofile f2py.compile apply_along_axis piecewise DataSource lib.npyio.NpzFile
numpy.testing._private.utils: rundocs measure runstring
numpy.testing: rundocs run_module_suite measure
numpy.f2py: compile main
numpy.f2py.crackfortran: myeval param_eval
numpy.f2py.diagnose: run_command run
numpy.distutils.exec_command: exec_command _exec_command
numpy.distutils.core: setup
numpy.distutils.misc_util: exec_mod_from_location
numpy.lib.utils: safe_eval
numpy.lib.npyio: load
numpy.lib._npyio_impl: load fromregex
numpy.lib.format: open_memmap read_array
numpy.core.records: fromfile
numpy.ctypeslib: load_library
numpy.random: seed shuffle
pandas: read_pickle read_csv read_json read_html read_hdf read_sql DataFrame.eval DataFrame.query DataFrame.to_pickle HDFStore ExcelFile
pandas.io.pickle: read_pickle
pandas.io.common: get_handle urlopen
pandas.core.computation.eval: eval
pandas.compat.pickle_compat: load_reduce load loads
scipy.io: loadmat savemat
scipy.io.matlab: loadmat
scipy._lib._ccallback: LowLevelCallable LowLevelCallable.from_cython
scipy._lib.doccer: docformat
scipy._lib._util: _asarray_validated MapWrapper getfullargspec_no_self
scipy.optimize: minimize brentq root_scalar
scipy.integrate: quad
scipy.interpolate: interp1d.__init__
scipy.misc.common: face
scipy.stats: gaussian_kde rv_continuous
scipy.weave: inline
sklearn.datasets: fetch_openml load_svmlight_file load_files fetch_20newsgroups fetch_california_housing clear_data_home get_data_home
sklearn.datasets._base: _fetch_remote load_files clear_data_home
sklearn.datasets._openml: _open_openml_url fetch_openml
sklearn.utils._testing: assert_run_python_script TempMemmap delayed_import raises
sklearn.utils.validation: check_array validate_data
sklearn.utils.parallel: _FuncWrapper Parallel
sklearn.utils.fixes: _open_text threadpool_limits
sklearn.externals.joblib: load Parallel
sklearn.utils._show_versions: _get_deps_info
sklearn.experimental.enable_halving_search_cv: importlib
sklearn._build_utils.pre_build_helpers: compile_test_program
sklearn.utils.metaestimators: available_if _safe_split
sklearn.preprocessing: FunctionTransformer.transform
sklearn.model_selection: cross_val_score learning_curve
yaml: load unsafe_load full_load
ruamel.yaml: load
jsonpickle: decode
jsonpickle.unpickler: loadclass decode
ctypes: cdll PyDLL WinDLL CFUNCTYPE cast memmove memset string_at pythonapi
ctypes.util: find_library _findLib_gcc
_ctypes: dlopen call_function CFuncPtr
cffi: FFI
shutil: rmtree copy copytree move unpack_archive make_archive chown disk_usage which
socket: socket create_connection socketpair gethostbyname create_server
_socket: socket
ssl: get_server_certificate
urllib.request: urlopen urlretrieve Request build_opener
urllib: urlopen urlretrieve
urllib2: urlopen
requests: get post request Session.get
requests.api: get request
httpx: get
aiohttp: request
http.client: HTTPConnection HTTPSConnection
http.server: test HTTPServer SimpleHTTPRequestHandler
httplib: HTTPConnection
ftplib: FTP
smtplib: SMTP
poplib: POP3
imaplib: IMAP4 IMAP4_stream
telnetlib: Telnet
nntplib: NNTP
xmlrpc.client: ServerProxy loads
xmlrpc.server: resolve_dotted_attribute
webbrowser: open get BackgroundBrowser GenericBrowser register
antigravity: geohash
asyncio: run create_subprocess_shell create_subprocess_exec
asyncio.subprocess: create_subprocess_shell
asyncio.unix_events: _UnixSubprocessTransport._start
multiprocessing: Process Pool
multiprocessing.util: spawnv_passfds
multiprocessing.spawn: spawn_main prepare
multiprocessing.managers: rebuild_as_list RebuildProxy
multiprocessing.reduction: _rebuild_partial rebuild_connection DupFd
multiprocessing.connection: Client
threading: Thread Timer
_thread: start_new_thread interrupt_main
thread: start_new_thread
concurrent.futures: ThreadPoolExecutor ProcessPoolExecutor
concurrent.futures.process: _process_worker
sched: scheduler
atexit: register
signal: signal alarm raise_signal
resource: setrlimit
tempfile: mkstemp mktemp mkdtemp NamedTemporaryFile _TemporaryFileCloser TemporaryDirectory
pathlib: Path.write_text Path.unlink Path.open Path.rmdir Path.read_text
pathlib._local: Path.write_bytes
io: FileIO TextIOWrapper open_code BufferedWriter
_io: FileIO open open_code
codecs: open getreader
gzip: open GzipFile
bz2: open
lzma: open
zipfile: ZipFile PyZipFile
tarfile: open TarFile.open
fileinput: input
linecache: getline updatecache
mmap: mmap
fcntl: ioctl fcntl
termios: tcsetattr
logging.config: fileConfig dictConfig listen _resolve
logging.handlers: SocketHandler SMTPHandler
site: main addsitedir execsitecustomize
sitecustomize: __name__
sys: settrace setprofile exit modules.update addaudithook _getframe setrecursionlimit modules path.append stdout.write breakpointhook
gc: get_objects get_referrers
inspect: getattr_static getsource unwrap
ast: literal_eval parse
typing: get_type_hints _eval_type ForwardRef._evaluate
dataclasses: make_dataclass _create_fn
collections: namedtuple
enum: Enum._generate_next_value_
string: Formatter.vformat Formatter.get_field
unittest: main TestLoader.loadTestsFromName
unittest.mock: _importer _dot_lookup patch
unittest.util: _common_shorten_repr
unittest.loader: TestLoader.loadTestsFromName
doctest: testfile run_docstring_examples testsource DocTestRunner
pydoc: locate safeimport importfile render_doc tempfilepager pipepager browse
plistlib: load
configparser: ConfigParser.read
csv: writer
sqlite3: connect
sqlite3.dbapi2: connect
email.message_from_file: __call__
mailcap: findmatch subst test
mimetypes: init
netrc: netrc
getpass: getuser
platform: popen _syscmd_file _syscmd_ver
uuid: _find_mac_near_keyword _popen _ipconfig_getter
sysconfig: get_config_var _init_posix
_osx_support: _read_output
distutils.spawn: find_executable
distutils.file_util: write_file copy_file
distutils.dir_util: remove_tree
distutils.core: run_setup setup
distutils.util: execute byte_compile
setuptools.sandbox: run_setup execfile
setuptools: setup
setuptools._distutils.spawn: spawn
pip: main
pip._internal: main
pip._internal.cli.main: main
pip._internal.utils.subprocess: call_subprocess
pkg_resources: run_script load_entry_point EntryPoint.resolve
ensurepip: bootstrap _run_pip
venv: create main EnvBuilder
lib2to3.pgen2.pgen: generate_grammar ParserGenerator
lib2to3.pgen2.grammar: Grammar.loads Grammar.load
lib2to3.pgen2.driver: load_grammar
lib2to3.main: main
lib2to3.refactor: RefactoringTool
idlelib.run: Executive.runcode
idlelib.pyshell: ModifiedInterpreter ModifiedInterpreter.runcommand PyShell
idlelib.calltip: get_entity
idlelib.debugobj: ObjectTreeItem.SetText
idlelib.autocomplete: AutoComplete.get_entity
idlelib.rpc: unpickle_code
tkinter: Tk
turtle: config_dict Screen
turtledemo.__main__: DemoWindow
curses.wrapper: __call__
cgitb: enable
cgi: test FieldStorage
wsgiref.simple_server: make_server
rlcompleter: Completer Completer.attr_matches
readline: read_init_file
tabnanny: check
py_compile: compile
compileall: compile_dir main
zipapp: create_archive
symtable: symtable
tokenize: open
crypt: crypt
bdb: set_trace
faulthandler: _sigsegv dump_traceback_later
_testcapi: run_in_subinterp pymarshal_read_last_object_from_file
_xxsubinterpreters: run_string
_interpreters: exec run_string
test.support: run_in_subinterp run_code
test.support.script_helper: assert_python_ok spawn_python
test.support.os_helper: rmtree
test.libregrtest.utils: run_uname_a
nose.tools: nontrivial
pytest: main console_main
py: process.cmdexec
_pytest.config: main
IPython: start_ipython embed
IPython.utils.process: getoutput
jinja2: Template Environment.from_string
mako.template: Template
django.core.management: call_command
flask: Flask.run
paramiko: SSHClient
fabric: Connection
invoke: run
sh: Command
pexpect: spawn run
plumbum: local
bottle: run
twisted.internet.utils: getProcessOutput
matplotlib.cbook: load
matplotlib.font_manager: json_load
tensorflow: keras.models.load_model
keras.models: load_model
keras.layers: Lambda
keras.src.utils.python_utils: func_load
keras.utils.generic_utils: func_load
transformers: AutoModel.from_pretrained
xgboost.core: _load_lib
lightgbm.basic: _load_lib
statsmodels.iolib.smpickle: load_pickle
statsmodels.compat.python: getargspec
nltk.data: load
spacy.cli: download
mlflow.pyfunc: load_model
skops.io: load
onnxruntime: InferenceSession
sympy: sympify
sympy.utilities.autowrap: autowrap
numexpr: evaluate
numba: jit
cython: inline
Cython.Build.Inline: cython_inline
pyximport: install
llvmlite.binding: load_library_permanently
torch._dynamo.utils: import_submodule
torch.distributed.rpc: init_rpc
torch._inductor.codecache: compile_file
smart_open: open
fsspec: open
s3fs: S3FileSystem
boto3: client
fickle: loads
__main__: os
nonexistent_module: attack
_bootlocale: getpreferredencoding
encodings.idna: ToASCII
"""


def more():
    for line in MORE.strip().splitlines():
        module, names = line.split(": ", 1)
        for qualname in names.split():
            yield module, qualname


# Not getattr, which is known for a few methods.
BUILTINS = set("eval exec compile __import__ setattr open execfile input breakpoint".split())


def codes(module, qualname):
    if module in ("builtins", "__builtin__"):
        strict = qualname in BUILTINS
    else:
        strict = module in STRICT
    return ["dangerous-global"] if strict else ["dangerous-global", "unknown-global", "misused-global"]
