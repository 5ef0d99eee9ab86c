//! Reason codes: the one table from which refusals, `explain`, the documentation and the tests are derived.
//!
//! Every refusal is a [`Finding`]: a stable [`Code`], what was met, where, why it matters and what to do next. To add a
//! code, add a line to the table below and a page `docs/reasons/CODE.md`; nothing else lists them.

use serde::{Deserialize, Serialize};

/// Which part of a judgement a code belongs to, in the order in which the parts are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Who vouches for the model, and for which one.
    Trust,
    /// Whether the bytes are the ones that were sealed, and could be read at all.
    Bytes,
    /// What the bytes ask Python to do.
    Content,
    /// Whether the values make an estimator.
    Model,
    /// Whether the model fits an environment.
    Environment,
    /// How the worker that reads the bytes fared.
    Worker,
}

macro_rules! codes {
    ($($variant:ident $text:literal $group:ident $meaning:literal $why:literal $next:literal;)*) => {
        /// A stable reason for a refusal. Its text never changes once released.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = $meaning] #[serde(rename = $text)] $variant,)*
        }

        impl Code {
            /// Every code that this build can emit, in the order of the table.
            pub const ALL: &'static [Code] = &[$(Code::$variant),*];

            /// The code as reports print it, such as `dangerous-global`.
            pub const fn text(self) -> &'static str {
                match self { $(Code::$variant => $text,)* }
            }

            /// The part of a judgement that the code belongs to.
            pub const fn group(self) -> Group {
                match self { $(Code::$variant => Group::$group,)* }
            }

            /// Whether it says that the file is no model at all, and nothing of what a model would do.
            pub const fn is_no_model(self) -> bool {
                matches!(self, Code::UnknownFormat | Code::NotFetched)
            }

            /// One sentence on what the code means.
            pub const fn meaning(self) -> &'static str {
                match self { $(Code::$variant => $meaning,)* }
            }

            /// Why it matters, where the finding has nothing more precise to say.
            pub const fn why(self) -> &'static str {
                match self { $(Code::$variant => $why,)* }
            }

            /// What to do next, where the finding has nothing more precise to say.
            pub const fn next(self) -> &'static str {
                match self { $(Code::$variant => $next,)* }
            }

            /// The page that `explain` prints.
            pub const fn page(self) -> &'static str {
                match self { $(Code::$variant => include_str!(concat!("../docs/reasons/", $text, ".md")),)* }
            }
        }
    };
}

codes! {
    Unsigned "unsigned" Trust
        "no seal was found for the model"
        "nothing says who made this file"
        "ask whoever trained the model for its .seal file; if that was you:  coldload sign MODEL -k KEY";
    BadSignature "bad-signature" Trust
        "a trusted key's signature does not fit the seal"
        "the seal was changed after it was signed, or the signature was made by another key"
        "fetch the model and its seal again from where they were signed";
    UntrustedKey "untrusted-key" Trust
        "nobody whom the verifier trusts has signed the seal"
        "anyone can make a key; only the ones you name count"
        "check who signed it, and pass that signer's public key with -k if you trust them";
    WrongKeyKind "wrong-key-kind" Trust
        "the seal was made with another kind of key than the one given"
        "a secret that two sides share and a signature say different things, so one never stands for the other"
        "pass the key that the seal was made for";
    Expired "expired" Trust
        "the seal is no longer valid"
        "its signer said that this model should not be used after that time"
        "get a newer model, or have this one signed again";
    WrongModel "wrong-model" Trust
        "the seal is valid, but for a model of another name"
        "a validly signed model was put in the place of another one"
        "check the path, or pass the name that you mean with --name";
    ManifestInvalid "manifest-invalid" Trust
        "the seal or its manifest does not follow the format"
        "what can be read in two ways can be signed as one thing and used as another"
        "sign the model again with this version of coldload";

    DigestMismatch "digest-mismatch" Bytes
        "the bytes are not the ones that were sealed"
        "the file was changed, cut short or replaced after it was signed"
        "fetch the model again; if that fails too, find out who could write it";
    MissingFile "missing-file" Bytes
        "a file that was sealed, or that the model names, is not there"
        "a model without one of its files is another model, and may still load"
        "fetch the whole folder again from where it was signed";
    ExtraFile "extra-file" Bytes
        "the folder holds a file that was not sealed"
        "nobody vouches for it, and whatever loads the folder may pick it up"
        "take it out of the folder, or ask the signer to sign the folder with it";
    UnsafePath "unsafe-path" Bytes
        "a path is not a regular file below the folder that was named"
        "a link or a device could lead the reader to other bytes than the ones that were judged"
        "put the file itself there";
    ChangedWhileReading "changed-while-reading" Bytes
        "the file changed while it was being read"
        "what was judged is not what is there now"
        "wait until the writer is done, then try again";
    NotFetched "not-fetched" Bytes
        "the file stands in for a model that was not downloaded"
        "there is no model in it to judge"
        "fetch the real file, for example with  git lfs pull  or  dvc pull";

    DangerousGlobal "dangerous-global" Content
        "the file asks for something that can run code"
        "loading this file would run code"
        "delete it, and find out who could write it";
    UnknownGlobal "unknown-global" Content
        "the file asks for a name that coldload does not know"
        "Python would import it and could run whatever it does"
        "if you know and trust this name, allow exactly it with --allow";
    MisusedGlobal "misused-global" Content
        "a harmless name is used in a way that no honest file uses it"
        "used like this it could run code or crash the program that loads it"
        "do not load it; save the model again from a Python that you trust";
    EmbeddedCode "embedded-code" Content
        "the file carries a function's code inside it"
        "cloudpickle, dill and numba store functions as byte code, and loading the file rebuilds and may run them"
        "move the function into a module that both sides install, and save the model again";
    DangerousOpcode "dangerous-opcode" Content
        "the file uses an opcode that asks the program which loads it for something from outside"
        "persistent ids, extension codes and out-of-band buffers mean whatever that program makes of them"
        "save the model again with pickle.dump or joblib.dump";
    ExternalData "external-data" Content
        "part of the model stands in a file that is not judged with it"
        "what stands there can be changed without anybody seeing it, and may be another model's"
        "put the model and its files into one folder, and judge or sign that";
    UnknownFormat "unknown-format" Content
        "the file is in no format that coldload reads"
        "what can not be read can not be judged"
        "name a pickle, joblib, .npy or .npz file";
    Malformed "malformed" Content
        "the file breaks the rules of its format"
        "readers disagree about broken files, and Python has run what stands before the break by the time it sees it"
        "fetch or save the file again; a file that was written by pickle or joblib is never like this";
    TrailingData "trailing-data" Content
        "bytes follow the end of the model"
        "no reader of the model looks at them, so something may be hidden there"
        "save the model again";
    LimitExceeded "limit-exceeded" Content
        "reading the file would take more than a limit allows"
        "a small file can be made to fill memory or run for hours"
        "if you expect a file like this, raise the limit that is named";

    StructureInvalid "structure-invalid" Model
        "the values do not make a valid estimator"
        "scikit-learn does not check this, and would crash, hang or answer nonsense"
        "do not use it; save the model again from the training program";
    SchemaMismatch "schema-mismatch" Model
        "the model is not what its seal says it is"
        "the signed description and the bytes disagree"
        "do not use it; ask the signer how it was made";
    ContentMismatch "content-mismatch" Model
        "the file does not hold what its seal says it holds"
        "the signed list of contents and the bytes disagree"
        "do not use it; ask the signer how it was made";

    EnvironmentMismatch "environment-mismatch" Environment
        "the environment has another version than the one that saved the model"
        "scikit-learn promises nothing across versions: the model may fail to load, or answer otherwise"
        "name the environment in which the model was trained";

    WorkerCrashed "worker-crashed" Worker
        "the process that reads the file died"
        "the file may be made to break its reader; the walls kept it in"
        "do not load it; please report it, with the file if you can, as SECURITY.md says";
    WorkerSilent "worker-silent" Worker
        "the process that reads the file ended without an answer"
        "without an answer there is no judgement"
        "try again; if it stays so, please report it as SECURITY.md says";
    WorkerProtocol "worker-protocol" Worker
        "the process that reads the file gave an answer that breaks the protocol"
        "a reader that was taken over could say anything, so nothing it said counts"
        "do not load it; please report it, with the file if you can, as SECURITY.md says";
}

impl Code {
    /// The code with this text, if this build can emit it.
    pub fn from_text(text: &str) -> Option<Code> {
        Code::ALL.iter().copied().find(|code| code.text() == text)
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.text())
    }
}

/// What every refusal is made of.
///
/// All texts are escaped (see [`escape`]): nothing of a file reaches a terminal or a log as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The stable code.
    pub code: Code,
    /// What was met, such as `posix.system at byte 186769, called with ("echo PWNED",)`.
    pub message: String,
    /// Offset, in the decoded stream, of the opcode that the finding is about (for a name: the one that fetched it).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// Where in the model, such as `steps[0] "scale"` or `estimators_[17].tree_`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// The name that the finding is about, as `module.qualname`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Why it matters, in one sentence.
    pub why: String,
    /// What to do next, as something that can be pasted where that is possible.
    pub next: String,
}

impl Finding {
    /// A finding with the table's own words for why it matters and what to do next.
    pub fn new(code: Code, message: impl Into<String>) -> Finding {
        Finding {
            code,
            message: message.into(),
            offset: None,
            place: None,
            name: None,
            why: code.why().to_owned(),
            next: code.next().to_owned(),
        }
    }

    /// The same finding at this offset of the decoded stream.
    #[must_use]
    pub fn at(mut self, offset: u64) -> Finding {
        self.offset = Some(offset);
        self
    }

    /// The same finding at this place in the model.
    #[must_use]
    pub fn in_place(mut self, place: impl Into<String>) -> Finding {
        self.place = Some(place.into());
        self
    }

    /// The same finding about this name.
    #[must_use]
    pub fn about(mut self, name: impl Into<String>) -> Finding {
        self.name = Some(name.into());
        self
    }

    /// The same finding with its own words for why it matters.
    #[must_use]
    pub fn because(mut self, why: impl Into<String>) -> Finding {
        self.why = why.into();
        self
    }

    /// The same finding with its own words for what to do next.
    #[must_use]
    pub fn next(mut self, next: impl Into<String>) -> Finding {
        self.next = next.into();
        self
    }
}

/// Longest text of a file that is shown; what is longer is cut and ends in `…`.
const SHOWN: usize = 120;

/// Text of a file in a form that is safe to show: control characters, quotes and everything that could change how a
/// terminal or a reader sees the line (such as bidirectional marks) are written as `\n`, `\x1b` or `\u{202e}`.
///
/// ```
/// assert_eq!(coldload::reason::escape("a\x1b[31mb"), r"a\x1b[31mb");
/// ```
pub fn escape(text: &str) -> String {
    let mut shown = escape_whole(text.char_indices().nth(SHOWN).and_then(|(end, _)| text.get(..end)).unwrap_or(text));
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

/// The same, however long it is: what a user may have to give back, such as a name.
pub(crate) fn escape_whole(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            c if c.is_ascii_control() => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            c if c.is_control() || is_invisible(c) => out.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

/// Bytes of a file in a form that is safe to show: as [`escape`], with bytes that are not UTF-8 as `\xNN`.
pub fn escape_bytes(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.get(..SHOWN.saturating_mul(4)).unwrap_or(bytes).utf8_chunks() {
        text.push_str(&escape(chunk.valid()));
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    text
}

/// Characters that no text of a finding or a report may hold as they stand.
pub(crate) fn is_unsafe(c: char) -> bool {
    c.is_control() || is_invisible(c)
}

/// Characters that show nothing of their own or change the direction of others (`Default_Ignorable_Code_Point` in Unicode's
/// `DerivedCoreProperties.txt`, line separators, interlinear marks, and the empty Braille cell).
const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{17b4}'
            | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_page_that_names_it() {
        for code in Code::ALL {
            assert!(code.page().contains(code.text()), "docs/reasons/{code}.md does not name its code");
            assert_eq!(Code::from_text(code.text()), Some(*code));
        }
    }

    #[test]
    fn nothing_that_changes_a_terminal_passes() {
        assert_eq!(escape("\u{202e}evil\u{7}\n"), r"\u{202e}evil\x07\n");
        assert_eq!(escape_bytes(b"ok\xff\x00"), r"ok\xff\x00");
        for invisible in ['\u{34f}', '\u{115f}', '\u{2800}', '\u{3164}', '\u{fe0f}', '\u{ffa0}', '\u{e0100}'] {
            assert_eq!(escape(&format!("a{invisible}b")), format!("a\\u{{{:x}}}b", u32::from(invisible)));
        }
    }

    #[test]
    fn long_text_is_cut() {
        let shown = escape(&"a".repeat(1000));
        assert_eq!(shown.chars().count(), SHOWN + 1);
        assert!(shown.ends_with('…'));
    }
}
