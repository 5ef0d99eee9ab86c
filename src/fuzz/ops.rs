//! Opcodes as bytes, and what stands on the stack behind them.

/// What the generator has to know of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Python can hash it, and it is no name and no tuple.
    Plain,
    /// Text that may be part of a name.
    Text,
    /// A tuple that Python can hash; this deep.
    Key(u8),
    /// Another tuple.
    Tuple,
    List,
    Dict,
    Set,
    Name,
    /// What NEWOBJ made.
    Object,
    /// What a call gave: it can be anything.
    Opaque,
}

impl Kind {
    pub(super) fn is_key(self) -> bool {
        matches!(self, Kind::Plain | Kind::Text | Kind::Name) || matches!(self, Kind::Key(depth) if depth < 3)
    }

    pub(super) fn is_tuple(self) -> bool {
        matches!(self, Kind::Key(_) | Kind::Tuple)
    }

    /// A tuple of these.
    pub(super) fn tuple(items: &[Kind]) -> Kind {
        let depth = items.iter().map(|item| if let Kind::Key(depth) = item { depth + 1 } else { 0 }).max().unwrap_or(0);
        if items.iter().all(|item| item.is_key()) && items.len() < 5 { Kind::Key(depth) } else { Kind::Tuple }
    }
}

/// Names that files ask for, good and bad; the first ones are classes.
pub(super) const NAMES: &[(&str, &str)] = &[
    ("sklearn.preprocessing._data", "StandardScaler"),
    ("sklearn.tree._classes", "DecisionTreeClassifier"),
    ("sklearn.linear_model._base", "LinearRegression"),
    ("sklearn.pipeline", "Pipeline"),
    ("sklearn.tree._tree", "Tree"),
    ("collections", "OrderedDict"),
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "scalar"),
    ("joblib.numpy_pickle", "NumpyArrayWrapper"),
    ("copy_reg", "_reconstructor"),
    ("copyreg", "_reconstructor"),
    ("builtins", "object"),
    ("builtins", "set"),
    ("functools", "partial"),
    ("_codecs", "encode"),
    ("numpy.random._pickle", "__randomstate_ctor"),
    ("sklearn.feature_selection._univariate_selection", "f_classif"),
    ("posix", "system"),
    ("mypkg.transforms", "MyTransformer"),
];

/// A name, and whatever the protocol.
pub(super) fn global(module: &str, name: &str) -> Vec<u8> {
    format!("c{module}\n{name}\n").into_bytes()
}

/// Text up to 255 bytes.
pub(super) fn text(text: &str) -> Vec<u8> {
    [&[0x8c, text.len() as u8], text.as_bytes()].concat()
}

/// A dtype as numpy writes it: `code` and its bytes.
pub(super) fn dtype(code: &str, order: &str) -> Vec<u8> {
    let args = [
        text(code),
        b"\x89\x88\x87R(K\x03".to_vec(),
        text(order),
        b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb".to_vec(),
    ];
    [global("numpy", "dtype"), args.concat()].concat()
}

/// An array of `count` numbers of 8 bytes, as numpy writes it.
pub(super) fn array(count: u8, code: &str, fill: u8) -> Vec<u8> {
    let content = vec![fill; 8 * usize::from(count)];
    let start = [global("numpy.core.multiarray", "_reconstruct"), global("numpy", "ndarray")].concat();
    let state = [&b"K\x00\x85C\x01b\x87R(K\x01K"[..], &[count], b"\x85"].concat();
    let length = (content.len() as u32).to_le_bytes();
    [start, state, dtype(code, "<"), b"\x89B".to_vec(), length.to_vec(), content, b"tb".to_vec()].concat()
}

/// joblib's wrapper of an array of `count` numbers of 8 bytes, whose elements follow it.
pub(super) fn wrapper(count: u8, fill: u8) -> Vec<u8> {
    let start = [global("joblib.numpy_pickle", "NumpyArrayWrapper"), b")\x81}(".to_vec()].concat();
    let state = [
        [text("subclass"), global("numpy", "ndarray")].concat(),
        [text("shape"), vec![b'K', count, 0x85]].concat(),
        [text("order"), text("C")].concat(),
        [text("dtype"), dtype("f8", "<")].concat(),
        [text("allow_mmap"), vec![0x88]].concat(),
    ];
    [start, state.concat(), b"ub".to_vec(), vec![fill; 8 * usize::from(count)]].concat()
}
