//! The core of a manifest as it is written, before its rules are checked. Whichever order the fields had, [`super::cbor`]
//! would sort them; those that a folder has a thousand times stand in it already.
//!
//! A seal of a folder has a statement about each of its models. So statements are read into their types and written from
//! them, without a general [`Value`] in between, which takes more than twice as long; only those of other versions are kept as one.

use super::claims::{DIGESTS, ENVIRONMENT, PROVENANCE};
use super::document::{CONTENT, FileEntry, MODELS, Manifest, SCHEMA, Statements};
use super::{Claims, Content, Environment, FORMAT, FileDigest, ModelFile, Provenance, Schema};
use super::{Time, cbor, error::ManifestError};
use crate::bytes::ChunkTable;
use crate::reason::escape;
use ciborium::Value;
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::marker::PhantomData;

/// What the observations say of themselves: the tool that made them. It stands among them, and is no statement.
const BY: &str = "by";

/// The fields of the core.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Core<'m> {
    name: Cow<'m, str>,
    pub(super) files: Vec<File<'m>>,
    #[serde(serialize_with = "write_claims", deserialize_with = "read")]
    claims: Cow<'m, Claims>,
    pub(super) format: Cow<'m, str>,
    created: Time,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires: Option<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<Cow<'m, str>>,
    critical: Cow<'m, [String]>,
    #[serde(serialize_with = "write_observed", deserialize_with = "read")]
    observed: Cow<'m, Statements>,
    sequence: u64,
}

/// One file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File<'m> {
    path: Cow<'m, str>,
    size: u64,
    #[serde(serialize_with = "serde_bytes::serialize", deserialize_with = "own_bytes")]
    chunks: Cow<'m, [u8]>,
}

impl<'m> Core<'m> {
    /// The core of a manifest.
    pub(super) fn of(manifest: &'m Manifest) -> Core<'m> {
        let file = |entry: &'m FileEntry| File {
            path: Cow::from(&entry.path),
            size: entry.table.size(),
            chunks: Cow::from(entry.table.digests()),
        };
        Core {
            format: Cow::from(FORMAT),
            name: Cow::from(&manifest.name),
            version: manifest.version.as_deref().map(Cow::from),
            sequence: manifest.sequence,
            created: manifest.created,
            expires: manifest.expires,
            files: manifest.files.iter().map(file).collect(),
            observed: Cow::Borrowed(&manifest.observed),
            claims: Cow::Borrowed(&manifest.claims),
            critical: Cow::from(&manifest.critical),
        }
    }

    /// The manifest whose core this is; its rules are still to be checked.
    pub(super) fn into_manifest(self) -> Result<Manifest, ManifestError> {
        Ok(Manifest {
            name: self.name.into_owned(),
            version: self.version.map(Cow::into_owned),
            sequence: self.sequence,
            created: self.created,
            expires: self.expires,
            files: self.files.into_iter().map(File::into_entry).collect::<Result<_, _>>()?,
            observed: self.observed.into_owned(),
            claims: self.claims.into_owned(),
            critical: self.critical.into_owned(),
        })
    }
}

impl File<'_> {
    fn into_entry(self) -> Result<FileEntry, ManifestError> {
        let File { path, size, chunks } = self;
        let digests = chunks.len();
        match ChunkTable::new(size, chunks.into_owned()) {
            Some(table) => Ok(FileEntry { path: path.into_owned(), table }),
            None => Err(ManifestError::Chunks { path: escape(&path), size, digests }),
        }
    }
}

fn own_bytes<'de, 'm, D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'m, [u8]>, D::Error> {
    serde_bytes::deserialize::<Vec<u8>, D>(deserializer).map(Cow::from)
}

/// A statement on its way out.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Statement<'m> {
    By(&'m str),
    Content(&'m Content),
    Schema(&'m Schema),
    Models(&'m [ModelFile]),
    Environment(&'m Environment),
    Provenance(&'m Provenance),
    Digests(&'m [FileDigest]),
    Unknown(&'m Value),
}

fn write_observed<S: Serializer>(observed: &Statements, serializer: S) -> Result<S::Ok, S::Error> {
    let known = [
        Some((BY, Statement::By(&observed.by))),
        observed.models.as_deref().map(|models| (MODELS, Statement::Models(models))),
        observed.schema.as_ref().map(|schema| (SCHEMA, Statement::Schema(schema))),
        observed.content.as_ref().map(|content| (CONTENT, Statement::Content(content))),
    ];
    write(known, &observed.unknown, serializer)
}

fn write_claims<S: Serializer>(claims: &Claims, serializer: S) -> Result<S::Ok, S::Error> {
    let known = [
        claims.environment.as_ref().map(|environment| (ENVIRONMENT, Statement::Environment(environment))),
        claims.provenance.as_ref().map(|provenance| (PROVENANCE, Statement::Provenance(provenance))),
        claims.digests.as_deref().map(|digests| (DIGESTS, Statement::Digests(digests))),
    ];
    write(known, &claims.unknown, serializer)
}

fn write<'m, S: Serializer, const N: usize>(
    known: [Option<(&'m str, Statement<'m>)>; N],
    unknown: &'m BTreeMap<String, Value>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let unknown = unknown.iter().map(|(name, value)| (name.as_str(), Statement::Unknown(value)));
    let all: Vec<_> = known.into_iter().flatten().chain(unknown).collect();
    serializer.collect_map(all)
}

/// Statements by their names.
trait Named: Clone {
    /// None of them.
    fn none() -> Self;

    /// Takes the statement of this name, which `map` has next.
    fn take<'de, A: MapAccess<'de>>(&mut self, name: String, map: &mut A) -> Result<(), A::Error>;
}

impl Named for Statements {
    fn none() -> Statements {
        Statements { by: String::new(), content: None, schema: None, models: None, unknown: BTreeMap::new() }
    }

    fn take<'de, A: MapAccess<'de>>(&mut self, name: String, map: &mut A) -> Result<(), A::Error> {
        match name.as_str() {
            BY => self.by = map.next_value()?,
            CONTENT => self.content = Some(map.next_value()?),
            SCHEMA => self.schema = Some(map.next_value()?),
            MODELS => self.models = Some(map.next_value()?),
            _ => drop(self.unknown.insert(name, map.next_value()?)),
        }
        Ok(())
    }
}

impl Named for Claims {
    fn none() -> Claims {
        Claims::default()
    }

    fn take<'de, A: MapAccess<'de>>(&mut self, name: String, map: &mut A) -> Result<(), A::Error> {
        match name.as_str() {
            ENVIRONMENT => self.environment = Some(map.next_value()?),
            PROVENANCE => self.provenance = Some(map.next_value()?),
            DIGESTS => self.digests = Some(map.next_value()?),
            _ => drop(self.unknown.insert(name, map.next_value()?)),
        }
        Ok(())
    }
}

fn read<'de, 'm, D: Deserializer<'de>, T: Named>(deserializer: D) -> Result<Cow<'m, T>, D::Error> {
    struct Reader<T>(PhantomData<T>);

    impl<'de, T: Named> Visitor<'de> for Reader<T> {
        type Value = T;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("statements by their names")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
            let mut all = T::none();
            while let Some(name) = map.next_key()? {
                all.take(name, &mut map)?;
            }
            Ok(all)
        }
    }

    deserializer.deserialize_map(Reader(PhantomData)).map(Cow::Owned)
}

/// What is wrong with bytes that are no core: another format, whose core this build can not be expected to know, or one of the
/// statements.
pub(super) fn explain(bytes: &[u8], fault: cbor::Fault) -> ManifestError {
    let Ok(core) = cbor::decode::<Value>(bytes) else { return fault.into() };
    let format = field(&core, "format").and_then(Value::as_text);
    if let Some(format) = format.filter(|format| *format != FORMAT) {
        return ManifestError::Format(escape(format));
    }
    let (Some(observed), Some(claims)) = (field(&core, "observed"), field(&core, "claims")) else {
        return fault.into();
    };
    if observed.is_map() && field(observed, BY).is_none_or(|by| !by.is_text()) {
        return ManifestError::By;
    }
    let broken = [
        broken::<Environment>(claims, ENVIRONMENT),
        broken::<Provenance>(claims, PROVENANCE),
        broken::<Vec<FileDigest>>(claims, DIGESTS),
        broken::<Content>(observed, CONTENT),
        broken::<Schema>(observed, SCHEMA),
        broken::<Vec<ModelFile>>(observed, MODELS),
    ];
    broken.into_iter().flatten().next().unwrap_or(fault.into())
}

/// What is wrong with a statement that this build knows.
fn broken<T: DeserializeOwned>(statements: &Value, name: &'static str) -> Option<ManifestError> {
    let fault = cbor::part::<T>(field(statements, name)?).err()?;
    Some(ManifestError::Known { name, fault })
}

fn field<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    value.as_map()?.iter().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{Arrays, FileEntry, Labels, Step};

    #[test]
    fn what_a_folder_has_of_each_file_is_written_in_order_without_being_sorted() {
        let table = ChunkTable::of(&b"abc"[..]).unwrap();
        let file = FileEntry { path: "a.pkl".to_owned(), table };
        let mut manifest = Manifest::new("m", "2026-11-24T16:00:00Z".parse().unwrap(), vec![file], "coldload");
        let texts = || vec!["1".to_owned()];
        let content = Content {
            format: "pickle".to_owned(),
            compressors: vec!["zlib".to_owned()],
            protocols: vec![4],
            pickles: 1,
            names: texts(),
            arrays: Arrays { count: 1, bytes: 8 },
        };
        let schema = Schema {
            class: Some("a.B".to_owned()),
            sklearn_versions: texts(),
            n_features_in: Some(1),
            feature_names_in: Some(texts()),
            classes: Some(Labels { dtype: "int64".to_owned(), count: 1, data: Some(texts()) }),
            n_outputs: Some(1),
            steps: vec![Step { name: "s".to_owned(), class: Some("a.B".to_owned()) }],
        };
        manifest.version = Some("1".to_owned());
        manifest.expires = Some(manifest.created);
        manifest.observed.models = Some(vec![ModelFile { path: "a.pkl".to_owned(), content, schema }]);
        let mut written = Vec::new();
        ciborium::into_writer(&Core::of(&manifest), &mut written).unwrap();
        assert_eq!(cbor::check(&written), Ok(()));
        assert_eq!(written, manifest.encode().unwrap());
    }
}
