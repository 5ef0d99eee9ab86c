//! What can be done to a model, and what it deserves: one table, from which the command, its index and the tests are derived.

use crate::reason::Code;
use serde::{Deserialize, Serialize};

macro_rules! kinds {
    ($($variant:ident $text:literal $runs:literal [$($code:ident)*] $about:literal;)*) => {
        /// What is done to a model.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Kind { $(#[doc = $about] $variant,)* }

        impl Kind {
            /// Every kind, in the order in which they are made.
            pub const ALL: &'static [Kind] = &[$(Kind::$variant),*];
            /// The kind as names of files and the index write it.
            pub const fn text(self) -> &'static str { match self { $(Kind::$variant => $text,)* } }
            /// What is done, in a sentence.
            pub const fn about(self) -> &'static str { match self { $(Kind::$variant => $about,)* } }
            /// Whether the usual reader of such a file (`pickle.load`, `joblib.load`) runs the payload.
            pub const fn runs(self) -> bool { match self { $(Kind::$variant => $runs,)* } }
            /// The reasons of which a judge has to give at least one.
            pub const fn deserves(self) -> &'static [Code] { match self { $(Kind::$variant => &[$(Code::$code),*],)* } }
        }
    };
}

kinds! {
    CallFirst "call-first" true [DangerousGlobal] "a function is called before anything of the model is read";
    CallMiddle "call-middle" true [DangerousGlobal] "a function is called in the middle of the model";
    CallLast "call-last" true [DangerousGlobal] "a function is called when all of the model was read";
    Memo "memo" true [DangerousGlobal] "the name of a function is put together from the memo, and called";
    Inst "inst" true [DangerousGlobal] "INST calls a function";
    Obj "obj" true [DangerousGlobal] "OBJ calls a function";
    Partial "partial" true [DangerousGlobal] "a functools.partial of a function is called";
    Build "build" true [DangerousGlobal] "BUILD installs a function as __setstate__, and a second BUILD calls it";
    Generator "generator" true [DangerousGlobal] "numpy's constructor of generators calls its second argument";
    NestedCall "nested-call" true [DangerousGlobal] "a pickle in a bytes object is read, and calls a function";
    NestedObjects "nested-objects" true [DangerousGlobal] "an array of objects in joblib's form is a pickle of its own, and calls a function";
    NewFile "new-file" true [MisusedGlobal] "NEWOBJ makes a numpy.memmap, which makes a file";
    UnknownClass "unknown-class" false [UnknownGlobal] "an object of a class that only a prepared machine has";
    Stored "stored" false [DangerousGlobal] "a transformer keeps joblib.load, to call it when it is used";
    Codec "codec" false [MisusedGlobal] "_codecs.encode, which honest files call with latin1, is called with another codec";
    Bytes "bytes" false [MisusedGlobal] "bytearray is called with a number of bytes that no machine has";
    Extension "extension" false [DangerousOpcode UnknownFormat] "a class by its number in the registry of extensions";
    Persistent "persistent" false [DangerousOpcode UnknownFormat] "an object that the loader has to fetch from elsewhere";
    Dtype "dtype" false [MisusedGlobal] "numbers of an array are said to be objects";
    FrameCrossing "frame-crossing" false [Malformed UnknownFormat] "an argument is longer than its frame: readers differ on what stands behind it";
    Length "length" false [Malformed LimitExceeded UnknownFormat] "bytes that say they are longer than any file";
    Depth "depth" false [LimitExceeded] "the model is wrapped in more tuples than a reader may go down";
    SecondPickle "second-pickle" false [DangerousGlobal] "a second pickle behind the model calls a function";
    Trailing "trailing" false [TrailingData Malformed UnknownFormat] "bytes behind the model that are no pickle";
    Truncated "truncated" false [Malformed UnknownFormat] "the model ends early";
    Checksum "checksum" false [Malformed] "a checksum of the compressor or the archive is wrong";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_name_of_its_own_and_deserves_something() {
        let names: std::collections::BTreeSet<&str> = Kind::ALL.iter().map(|kind| kind.text()).collect();
        assert_eq!(names.len(), Kind::ALL.len());
        for kind in Kind::ALL {
            assert!(!kind.deserves().is_empty() && !kind.about().is_empty(), "{kind:?}");
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.text());
        }
    }
}
