//! What a zip archive that is none of numpy's is called, from the names of its members. It is refused whatever it is called, so the
//! names are read as leniently as they come.

use super::end::directory_of;
use super::{CENTRAL, Fields, bytes};
use crate::bytes::{Budget, Input};
use crate::format::fault::Fault;

/// Longest directory in which names are looked for, in bytes.
const LONGEST: u64 = 16 << 20;

/// A kind of archive that coldload does not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// What it is, with its article.
    pub what: &'static str,
    /// What whoever has one can do.
    pub next: &'static str,
}

const SKOPS: Known = Known {
    what: "a skops file",
    next: "skops itself says what is in it, before it loads it:  skops.io.get_untrusted_types(file=\"FILE\")",
};
const ZIP: Known =
    Known { what: "a zip archive that is none of numpy's", next: "unpack it, and name the models that were in it" };
const NO_MODEL: &str = "name a pickle, joblib, .npy or .npz file";

/// Which archive it is, if all of these members are in it: each with whether the name has to be the whole of it, or is what it ends with.
const KINDS: &[(&[Part], Known)] = &[
    (
        &[Part::Below("data.pkl")],
        Known {
            what: "a PyTorch model",
            next: "coldload reads no PyTorch yet; torch.load with weights_only=True runs no code of the file's choice",
        },
    ),
    (
        &[Part::Whole("config.json"), Part::Whole("metadata.json"), Part::Whole("model.weights.h5")],
        Known {
            what: "a Keras model",
            next: "coldload reads no Keras yet; keras.models.load_model keeps to safe_mode=True",
        },
    ),
    (&[Part::Begins("word/"), Part::Whole(TYPES)], Known { what: "a Word document", next: NO_MODEL }),
    (&[Part::Begins("xl/"), Part::Whole(TYPES)], Known { what: "an Excel workbook", next: NO_MODEL }),
    (&[Part::Begins("ppt/"), Part::Whole(TYPES)], Known { what: "a PowerPoint presentation", next: NO_MODEL }),
    (&[Part::Below("WHEEL"), Part::Below("RECORD")], Known { what: "a Python wheel", next: NO_MODEL }),
    (&[Part::Whole("META-INF/MANIFEST.MF")], Known { what: "a Java archive", next: NO_MODEL }),
];
const TYPES: &str = "[Content_Types].xml";

/// What the name of a member is compared to.
#[derive(Clone, Copy)]
enum Part {
    Whole(&'static str),
    Begins(&'static str),
    /// A file in a folder that has any name, and is in none.
    Below(&'static str),
}

impl Part {
    fn fits(self, name: &str) -> bool {
        match self {
            Part::Whole(wanted) => name == wanted,
            Part::Begins(wanted) => name.starts_with(wanted),
            Part::Below(wanted) => name.split_once('/').is_some_and(|(_, file)| file == wanted),
        }
    }
}

/// What an archive is that is none of numpy's.
pub(in crate::format) fn known(input: &mut Input, budget: &mut Budget) -> Result<Known, Fault> {
    let names = names(input, budget)?;
    if is_skops(names.iter().map(String::as_str)) {
        return Ok(SKOPS);
    }
    let fits = |part: &Part| names.iter().any(|name| part.fits(name));
    let kind = KINDS.iter().find(|(parts, _)| parts.iter().all(fits));
    Ok(kind.map_or(ZIP, |(_, known)| *known))
}

/// Whether an archive has the members that skops writes, and no others: a schema, and arrays and bytes that it speaks of (`skops/io/_persist.py`).
pub(in crate::format) fn skops<'a>(names: impl Iterator<Item = &'a str>) -> Option<Known> {
    is_skops(names).then_some(SKOPS)
}

fn is_skops<'a>(names: impl Iterator<Item = &'a str>) -> bool {
    let mut schema = false;
    let mut others = true;
    for name in names {
        let ending = name.rsplit_once('.').map(|(_, ending)| ending);
        match name {
            "schema.json" => schema = true,
            _ => others &= !name.contains('/') && matches!(ending, Some("npy" | "npz" | "bin")),
        }
    }
    schema && others
}

/// The names in an archive's directory; none if it has none where it should be.
fn names(input: &mut Input, budget: &mut Budget) -> Result<Vec<String>, Fault> {
    let Some((at, length)) = directory_of(input)?.filter(|(_, length)| *length <= LONGEST) else {
        return Ok(Vec::new());
    };
    // A name is longer than its bytes where they are no UTF-8, and an entry has 46 more.
    budget.memory(length.saturating_mul(4))?;
    let whole = bytes(input, at, length)?;
    let mut fields = Fields(&whole);
    Ok(std::iter::from_fn(|| name(&mut fields)).collect())
}

/// The name in the next entry of a directory.
fn name(fields: &mut Fields<'_>) -> Option<String> {
    fields.signature(CENTRAL)?;
    fields.take(24)?;
    let (name, extra, comment) = (fields.u16()?, fields.u16()?, fields.u16()?);
    fields.take(12)?;
    let name = fields.take(name.into())?;
    fields.take(extra.into())?;
    fields.take(comment.into())?;
    Some(String::from_utf8_lossy(name).into_owned())
}
