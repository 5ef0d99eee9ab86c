//! Files that say what is to be installed: whatever the bytes, they are read the same twice, or refused in words.

use crate::manifest::environment::read;
use crate::manifest::{Environment, Manifest};

/// Names of files, of every kind.
const NAMES: [&str; 8] = [
    "requirements.txt",
    "constraints.txt",
    "freeze.txt",
    "Pipfile.lock",
    "poetry.lock",
    "uv.lock",
    "environment.yml",
    "conda-lock.yml",
];

/// A file of an environment; its first byte chooses its name.
pub fn requirements(data: &[u8]) {
    let Some((name, data)) = data.split_first() else { return };
    let name = NAMES[usize::from(*name) % NAMES.len()];
    let found = read(name, data);
    assert_eq!(found, read(name, data));
    match found {
        Ok(lock) => {
            let said = format!("{lock:?}");
            for secret in lock.others.iter().filter_map(|line| line.split_once("://")).map(|(_, rest)| rest) {
                let host = secret.split(['/', ' ', ';', '#', '?']).next().unwrap_or_default();
                let password = host.split_once('@').is_some_and(|(user, _)| user.contains(':'));
                assert!(!password, "credentials are kept: {said}");
            }
            let environment = Environment { locks: vec![lock], ..Environment::default() };
            // What is read can be sealed, and reads back.
            assert_eq!(environment.validate(), Ok(()), "{said}");
            is_sealed(environment);
        }
        Err(error) => {
            let said = error.to_string();
            assert!(!said.chars().any(char::is_control), "{said:?} is not escaped");
        }
    }
}

fn is_sealed(environment: Environment) {
    let Some(mut manifest) = super::seals::small() else { return };
    manifest.claims.environment = Some(environment);
    if let Ok(bytes) = manifest.encode() {
        assert_eq!(Manifest::decode(&bytes), Ok(manifest));
    }
}
