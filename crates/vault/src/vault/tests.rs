//! The vault on scripted keyrings. The journeys test it on a real one.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};

use secrecy::ExposeSecret as _;

use super::*;

/// What a scripted keyring does next.
#[derive(Debug, Clone)]
enum Mood {
    Open,
    Locked,
    Fails(BackendError),
}

/// A keyring in memory that follows a script and counts the windows that it showed.
struct Scripted {
    mood: Mutex<Mood>,
    entries: Mutex<BTreeMap<String, (String, String)>>,
    windows: AtomicUsize,
    /// What its window waits for; with `None` it is dismissed at once.
    user: Mutex<Option<mpsc::Receiver<bool>>>,
}

impl Scripted {
    fn new(mood: Mood) -> Arc<Self> {
        Arc::new(Self {
            mood: Mutex::new(mood),
            entries: Mutex::default(),
            windows: AtomicUsize::new(0),
            user: Mutex::default(),
        })
    }

    fn set(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    /// From now on its window waits for this user, who says whether the password was right.
    fn user(&self) -> mpsc::Sender<bool> {
        let (sender, receiver) = mpsc::channel();
        *self.user.lock().unwrap() = Some(receiver);
        sender
    }

    fn windows(&self) -> usize {
        self.windows.load(Ordering::SeqCst)
    }

    fn open(&self) -> Result<(), BackendError> {
        match self.mood.lock().unwrap().clone() {
            Mood::Open => Ok(()),
            Mood::Locked => Err(BackendError::Locked),
            Mood::Fails(error) => Err(error),
        }
    }
}

impl Backend for Scripted {
    fn look(&self) -> Result<Lock, BackendError> {
        match self.open() {
            Ok(()) => Ok(Lock::Open),
            Err(BackendError::Locked) => Ok(Lock::Closed),
            Err(error) => Err(error),
        }
    }

    fn read(&self, handle: &str) -> Result<SecretString, BackendError> {
        self.open()?;
        let entries = self.entries.lock().unwrap();
        entries.get(handle).map(|(_, key)| SecretString::from(key.as_str())).ok_or(BackendError::Missing)
    }

    fn unlock(&self, _: Option<&str>, asking: &dyn Fn()) -> Result<(), BackendError> {
        if self.open() != Err(BackendError::Locked) {
            return self.open();
        }
        self.windows.fetch_add(1, Ordering::SeqCst);
        asking();
        let user = self.user.lock().unwrap().take();
        match user.and_then(|user| user.recv().ok()) {
            Some(true) => {
                self.set(Mood::Open);
                Ok(())
            }
            _ => Err(BackendError::Denied("dismissed".to_owned().into())),
        }
    }

    fn write(&self, handle: &str, label: &str, key: &SecretString) -> Result<(), BackendError> {
        self.open()?;
        let entry = (label.to_owned(), key.expose_secret().to_owned());
        self.entries.lock().unwrap().insert(handle.to_owned(), entry);
        Ok(())
    }

    fn remove(&self, handle: &str) -> Result<(), BackendError> {
        self.open()?;
        self.entries.lock().unwrap().remove(handle).map(drop).ok_or(BackendError::Missing)
    }
}

const SOON: Duration = Duration::from_millis(100);
const LATE: Duration = Duration::from_mins(10);

fn vault_on(keyring: &Arc<Scripted>, folder: &std::path::Path) -> Vault {
    let mut config = VaultConfig::new(folder.join("data"), folder.join("home"));
    config.timeout = LATE;
    config.prompt_timeout = SOON;
    config.work_factor = 1;
    Vault::with_keyring(config, Arc::<Scripted>::clone(keyring) as Arc<dyn Backend>)
}

fn vault(keyring: &Arc<Scripted>) -> Vault {
    vault_on(keyring, std::path::Path::new("/nowhere"))
}

fn in_keyring(handle: &str) -> Credential {
    Credential::Keyring { handle: handle.to_owned() }
}

fn key(text: &str) -> SecretString {
    SecretString::from(text)
}

async fn read(vault: &Vault, credential: &Credential) -> Result<String, &'static str> {
    let key = vault.key(credential, Region::China, DateTime::UNIX_EPOCH).await;
    key.map(|key| key.expose_secret().to_owned()).map_err(|error| error.code())
}

/// Waits until a call that was left behind has come back.
async fn settled(vault: &Vault) {
    vault.0.turns.until_free().await;
}

#[tokio::test]
async fn a_key_goes_into_the_keyring_and_comes_back() {
    let keyring = Scripted::new(Mood::Open);
    let vault = vault(&keyring);
    assert_eq!(vault.last_keyring_state(), KeyringState::Unknown);
    let handle = Vault::new_handle();
    let credential = vault.put(Place::Keyring, &handle, "work", key(" sk-kimi-1\n")).await.unwrap();
    assert_eq!(credential, in_keyring(&handle));
    assert_eq!(vault.last_keyring_state(), KeyringState::Ready);
    assert_eq!(
        keyring.entries.lock().unwrap().get(&handle),
        Some(&("Tidemark: work".to_owned(), "sk-kimi-1".to_owned()))
    );
    assert_eq!(read(&vault, &credential).await, Ok("sk-kimi-1".to_owned()));
    vault.remove(&credential).await.unwrap();
    vault.remove(&credential).await.unwrap();
    assert_eq!(read(&vault, &credential).await, Err("key-missing"));
    assert_eq!(vault.last_keyring_state(), KeyringState::Ready);
    let empty = vault.put(Place::Keyring, &handle, "work", key(" \n")).await.unwrap_err();
    assert_eq!(empty.code(), "key-empty");
    assert_eq!(keyring.windows(), 0);
}

#[tokio::test]
async fn the_states_are_told_apart_and_recovered_from() {
    let keyring = Scripted::new(Mood::Open);
    let vault = vault(&keyring);
    keyring.write("h", "l", &key("sk-1")).unwrap();
    let fails = |error| Mood::Fails(error);
    let said = || "said".to_owned();
    for (mood, expected, state) in [
        (fails(BackendError::Absent(said().into())), Err("keyring-absent"), KeyringState::Absent),
        (Mood::Locked, Err("keyring-locked"), KeyringState::Locked),
        (fails(BackendError::Absent(said().into())), Err("keyring-gone"), KeyringState::Gone),
        (Mood::Open, Ok("sk-1".to_owned()), KeyringState::Ready),
        (fails(BackendError::Denied(said().into())), Err("keyring-denied"), KeyringState::Denied),
        (fails(BackendError::NoAnswer), Err("keyring-no-answer"), KeyringState::Unknown),
        (fails(BackendError::Failed(said().into())), Err("keyring-failed"), KeyringState::Unknown),
        (fails(BackendError::Absent(said().into())), Err("keyring-gone"), KeyringState::Gone),
        (Mood::Open, Ok("sk-1".to_owned()), KeyringState::Ready),
    ] {
        keyring.set(mood.clone());
        assert_eq!(read(&vault, &in_keyring("h")).await, expected, "{mood:?}");
        assert_eq!(vault.last_keyring_state(), state, "{mood:?}");
        assert_eq!(vault.keyring_state().await, state, "{mood:?}");
    }
    assert_eq!(keyring.windows(), 0, "a look in the background shows no window");
}

#[tokio::test]
async fn a_prompt_that_nobody_answers_holds_nobody_up_and_no_second_appears() {
    let keyring = Scripted::new(Mood::Locked);
    let vault = vault(&keyring);
    let user = keyring.user();
    let error = vault.put(Place::Keyring, "h", "work", key("sk-1")).await.unwrap_err();
    assert_eq!(error.code(), "keyring-locked");
    assert_eq!(keyring.windows(), 1);

    // Every further call fails at once: LATE is ten minutes, and the test does not take as long.
    assert_eq!(read(&vault, &in_keyring("h")).await, Err("keyring-locked"));
    assert_eq!(vault.keyring_state().await, KeyringState::Locked);
    for _ in 0..3 {
        let error = vault.put(Place::Keyring, "h2", "work", key("sk-1")).await.unwrap_err();
        assert_eq!(error.code(), "keyring-locked");
        assert_eq!(vault.unlock_keyring().await.unwrap_err().code(), "keyring-locked");
        assert_eq!(vault.remove(&in_keyring("h")).await.unwrap_err().code(), "keyring-locked");
    }
    assert_eq!(keyring.windows(), 1, "no second window");

    // The user comes back and types the password: the keyring is open, and the key whose storing was reported
    // as failed was not stored.
    user.send(true).unwrap();
    settled(&vault).await;
    assert!(keyring.entries.lock().unwrap().is_empty());
    assert_eq!(vault.keyring_state().await, KeyringState::Ready);
    let credential = vault.put(Place::Keyring, "h", "work", key("sk-1")).await.unwrap();
    assert_eq!(read(&vault, &credential).await, Ok("sk-1".to_owned()));
}

#[tokio::test]
async fn a_late_no_is_news_as_well() {
    let keyring = Scripted::new(Mood::Locked);
    let vault = vault(&keyring);
    let user = keyring.user();
    assert_eq!(vault.unlock_keyring().await.unwrap_err().code(), "keyring-locked");
    user.send(false).unwrap();
    settled(&vault).await;
    assert_eq!(vault.last_keyring_state(), KeyringState::Denied);
    // The next one may ask again.
    drop(keyring.user());
    assert_eq!(vault.unlock_keyring().await.unwrap_err().code(), "keyring-denied");
    assert_eq!(keyring.windows(), 2);
    assert_eq!(vault.keyring_state().await, KeyringState::Locked);
}

#[tokio::test]
async fn only_what_the_user_does_shows_a_window() {
    let keyring = Scripted::new(Mood::Open);
    keyring.write("h", "l", &key("sk-1")).unwrap();
    let vault = vault(&keyring);
    keyring.set(Mood::Locked);
    assert_eq!(read(&vault, &in_keyring("h")).await, Err("keyring-locked"));
    assert_eq!(keyring.windows(), 0);
    keyring.user().send(true).unwrap();
    let found = vault.key_prompting(&in_keyring("h"), Region::China, DateTime::UNIX_EPOCH).await.unwrap();
    assert_eq!(found.expose_secret(), "sk-1");
    assert_eq!(keyring.windows(), 1);
    assert_eq!(read(&vault, &in_keyring("h")).await, Ok("sk-1".to_owned()));
}

#[tokio::test]
async fn a_keyring_that_never_answers_holds_nobody_up() {
    struct Deaf(Mutex<mpsc::Receiver<()>>, AtomicUsize);
    impl Backend for Deaf {
        fn look(&self) -> Result<Lock, BackendError> {
            self.1.fetch_add(1, Ordering::SeqCst);
            let _ = self.0.lock().unwrap().recv();
            Ok(Lock::Open)
        }
        fn read(&self, _: &str) -> Result<SecretString, BackendError> {
            self.look().map(|_| SecretString::from("sk-1"))
        }
        fn unlock(&self, _: Option<&str>, _: &dyn Fn()) -> Result<(), BackendError> {
            self.look().map(drop)
        }
        fn write(&self, _: &str, _: &str, _: &SecretString) -> Result<(), BackendError> {
            self.look().map(drop)
        }
        fn remove(&self, _: &str) -> Result<(), BackendError> {
            self.look().map(drop)
        }
    }

    let (answer, answers) = mpsc::channel();
    let deaf = Arc::new(Deaf(Mutex::new(answers), AtomicUsize::new(0)));
    let mut config = VaultConfig::new("/nowhere", "/nowhere");
    config.timeout = SOON;
    let vault = Vault::with_keyring(config, Arc::<Deaf>::clone(&deaf) as Arc<dyn Backend>);
    assert_eq!(read(&vault, &in_keyring("h")).await, Err("keyring-no-answer"));
    assert_eq!(vault.keyring_state().await, KeyringState::Unknown);
    for _ in 0..5 {
        assert_eq!(read(&vault, &in_keyring("h")).await, Err("keyring-no-answer"));
    }
    assert_eq!(deaf.1.load(Ordering::SeqCst), 1, "one blocked call, whatever is asked");
    drop(answer);
    settled(&vault).await;
    assert_eq!(vault.last_keyring_state(), KeyringState::Ready);
    assert_eq!(read(&vault, &in_keyring("h")).await, Ok("sk-1".to_owned()));
}

#[tokio::test]
async fn the_other_places_need_no_keyring() {
    let keyring = Scripted::new(Mood::Fails(BackendError::Absent("none".to_owned().into())));
    let folder = tempfile::tempdir().unwrap();
    let vault = vault_on(&keyring, folder.path());

    let this_run = vault.put(Place::ThisRun, "t", "work", key("sk-run\n")).await.unwrap();
    assert_eq!(read(&vault, &this_run).await, Ok("sk-run".to_owned()));
    vault.remove(&this_run).await.unwrap();
    assert_eq!(read(&vault, &this_run).await, Err("key-forgotten"));

    let locked = vault.put(Place::EncryptedFile, "f", "work", key("sk-file")).await.unwrap_err();
    assert_eq!(locked.code(), "file-locked");
    vault.unlock_file(key("four random words")).await.unwrap();
    let in_file = vault.put(Place::EncryptedFile, "f", "work", key("sk-file")).await.unwrap();
    assert_eq!(read(&vault, &in_file).await, Ok("sk-file".to_owned()));
    let next_run = vault_on(&keyring, folder.path());
    assert_eq!(next_run.file_state(), FileState::Locked);
    assert_eq!(read(&next_run, &in_file).await, Err("file-locked"));
    let wrong = next_run.unlock_file(key("other words")).await.unwrap_err();
    assert_eq!(wrong.code(), "wrong-passphrase");
    next_run.unlock_file(key("four random words")).await.unwrap();
    assert_eq!(read(&next_run, &in_file).await, Ok("sk-file".to_owned()));
    next_run.remove(&in_file).await.unwrap();
    assert_eq!(read(&next_run, &in_file).await, Err("key-missing"));

    let variable = Credential::Environment { name: "TIDEMARK_TEST_UNSET".to_owned() };
    assert_eq!(read(&vault, &variable).await, Err("variable-unset"));
    vault.remove(&variable).await.unwrap();
    let login = Credential::KimiCodeLogin { path: Some(folder.path().join("none.json")) };
    assert_eq!(read(&vault, &login).await, Err("login-missing"));
    vault.remove(&login).await.unwrap();
    assert_eq!(vault.last_keyring_state(), KeyringState::Unknown, "the keyring was not asked");
}

#[tokio::test]
async fn nothing_shows_a_key() {
    let folder = tempfile::tempdir().unwrap();
    let keyring = Scripted::new(Mood::Open);
    let vault = vault_on(&keyring, folder.path());
    vault.unlock_file(key("pass-canary")).await.unwrap();
    let mut shown = Vec::new();
    for place in [Place::Keyring, Place::EncryptedFile, Place::ThisRun] {
        let credential = vault.put(place, "h", "work", key("sk-kimi-canary")).await.unwrap();
        let found = vault.key(&credential, Region::China, DateTime::UNIX_EPOCH).await.unwrap();
        assert_eq!(found.expose_secret(), "sk-kimi-canary");
        shown.push(format!("{credential:?} {found:?} {vault:?}"));
    }
    let wrong = vault_on(&keyring, folder.path()).unlock_file(key("wrong-canary")).await.unwrap_err();
    shown.push(format!("{wrong} {wrong:?}"));
    assert!(!shown.concat().contains("canary"), "{shown:?}");
}

#[test]
fn handles_are_random_and_long() {
    let handles: std::collections::BTreeSet<String> = (0..1000).map(|_| Vault::new_handle()).collect();
    assert_eq!(handles.len(), 1000);
    assert!(handles.iter().all(|h| h.len() == 32 && h.bytes().all(|b| b.is_ascii_hexdigit())));
}
