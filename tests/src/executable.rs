//! What a program for Windows carries: icon, version, manifest; and whether Windows gives it a console.

use std::path::Path;

use object::LittleEndian as LE;
use object::pe;
use object::read::pe::{ImageNtHeaders as _, ImageOptionalHeader as _, PeFile64};

/// A program's file.
#[derive(Debug)]
pub struct Executable {
    bytes: Vec<u8>,
}

/// Kinds of resources, by the numbers that Windows gives them.
const ICONS: u16 = 14;
const VERSION: u16 = 16;
const MANIFEST: u16 = 24;

impl Executable {
    /// Reads a file.
    ///
    /// # Panics
    /// Where it cannot be read.
    pub fn read(path: &Path) -> Executable {
        let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Executable { bytes }
    }

    fn file(&self) -> PeFile64<'_> {
        PeFile64::parse(&*self.bytes).expect("a program for Windows with 64 bits")
    }

    /// Whether Windows opens a console for it where it is started from none.
    pub fn has_console(&self) -> bool {
        let file = self.file();
        let subsystem = file.nt_headers().optional_header().subsystem();
        assert!([pe::IMAGE_SUBSYSTEM_WINDOWS_CUI, pe::IMAGE_SUBSYSTEM_WINDOWS_GUI].contains(&subsystem));
        subsystem == pe::IMAGE_SUBSYSTEM_WINDOWS_CUI
    }

    /// How many icons of different sizes it has.
    pub fn icons(&self) -> usize {
        // Its head: a zero, a one, and the number.
        self.resource(ICONS).map_or(0, |icons| usize::from(u16::from_le_bytes([icons[4], icons[5]])))
    }

    /// A text of its version, such as `FileVersion`.
    pub fn version(&self, name: &str) -> Option<String> {
        let bytes = self.resource(VERSION)?;
        let units: Vec<u16> = bytes.chunks_exact(2).map(|two| u16::from_le_bytes([two[0], two[1]])).collect();
        let all = String::from_utf16_lossy(&units);
        // A name ends with a zero, and its value begins after one more at most.
        let (_, after) = all.split_once(&format!("{name}\0"))?;
        after.trim_start_matches('\0').split('\0').next().map(str::to_owned)
    }

    /// Its manifest.
    pub fn manifest(&self) -> Option<String> {
        Some(String::from_utf8_lossy(&self.resource(MANIFEST)?).into_owned())
    }

    /// The first resource of a kind.
    fn resource(&self, kind: u16) -> Option<Vec<u8>> {
        let file = self.file();
        let sections = file.section_table();
        let directory =
            file.data_directories().resource_directory(&*self.bytes, &sections).expect("resources")?;
        let kinds = directory.root().expect("kinds of resources").entries;
        let mut entry =
            kinds.iter().find(|entry| !entry.has_name() && entry.name_or_id().id() == Some(kind))?;
        // Below a kind come names, and below a name languages.
        while entry.is_table() {
            let below = entry.data(directory).expect("a resource").table()?;
            entry = below.entries.first()?;
        }
        let found = entry.data(directory).expect("a resource").data()?;
        let bytes = sections.pe_data_at(&*self.bytes, found.offset_to_data.get(LE))?;
        Some(bytes.get(..found.size.get(LE) as usize)?.to_vec())
    }
}
