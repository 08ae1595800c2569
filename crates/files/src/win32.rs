//! Calls to Windows that the standard library lacks, each in a function that is safe to call.

#![allow(unsafe_code, reason = "Windows is called by pointers; nothing else in this workspace does it")]

use std::ffi::c_void;
use std::fs::File;
use std::io;
use std::mem::{size_of, zeroed};
use std::os::windows::io::{AsRawHandle as _, FromRawHandle as _, OwnedHandle};
use std::ptr::null_mut;

use windows_sys::Win32::Foundation::{
    ERROR_ACCESS_DENIED, ERROR_IO_PENDING, ERROR_LOCK_VIOLATION, ERROR_SUCCESS, HANDLE, LocalFree,
    STILL_ACTIVE,
};
use windows_sys::Win32::Security::Authorization::{
    ConvertSidToStringSidW, ConvertStringSecurityDescriptorToSecurityDescriptorW, GetSecurityInfo,
    SDDL_REVISION_1, SE_FILE_OBJECT, SE_KERNEL_OBJECT, SE_OBJECT_TYPE,
};
use windows_sys::Win32::Security::{
    ACCESS_ALLOWED_ACE, ACE_HEADER, ACL, DACL_SECURITY_INFORMATION, GetAce, GetSecurityDescriptorControl,
    GetTokenInformation, INHERIT_ONLY_ACE, OWNER_SECURITY_INFORMATION, PROTECTED_DACL_SECURITY_INFORMATION,
    PSECURITY_DESCRIPTOR, PSID, SE_DACL_PROTECTED, SECURITY_ATTRIBUTES, SetKernelObjectSecurity, TOKEN_QUERY,
    TOKEN_USER, TokenUser,
};
use windows_sys::Win32::Storage::FileSystem::{
    BY_HANDLE_FILE_INFORMATION, FILE_FLAG_BACKUP_SEMANTICS, FILE_ID_INFO, FILE_TYPE_DISK, FileIdInfo,
    GetFileInformationByHandle, GetFileInformationByHandleEx, GetFileType, LOCKFILE_EXCLUSIVE_LOCK,
    LOCKFILE_FAIL_IMMEDIATELY, LockFileEx,
};
use windows_sys::Win32::System::Diagnostics::Debug::{
    SEM_FAILCRITICALERRORS, SEM_NOGPFAULTERRORBOX, SetErrorMode,
};
use windows_sys::Win32::System::IO::OVERLAPPED;
use windows_sys::Win32::System::Threading::{
    GetCurrentProcess, GetExitCodeProcess, OpenProcess, OpenProcessToken, PROCESS_QUERY_LIMITED_INFORMATION,
};

/// The types of entries that let someone do something, and of those that forbid it.
const ALLOWED: u8 = 0;
const DENIED: u8 = 1;

/// Which kind of thing a handle is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A file or folder.
    File,
    /// A pipe.
    Kernel,
}

impl Kind {
    fn of_object(self) -> SE_OBJECT_TYPE {
        match self {
            Self::File => SE_FILE_OBJECT,
            Self::Kernel => SE_KERNEL_OBJECT,
        }
    }
}

/// Whose a thing is, and who may do what with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Security {
    /// The owner, as the text of a SID (`S-1-5-…`).
    pub(crate) owner: String,
    /// Whether the folder above has no say in it.
    pub(crate) is_protected: bool,
    /// Who may do what; `None` where everybody may do everything.
    pub(crate) entries: Option<Vec<Entry>>,
}

/// One line of the list of who may do what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Who, as the text of a SID. Empty where it is an entry of a rare kind, which is not read.
    pub(crate) who: String,
    /// Whether it forbids.
    pub(crate) forbids: bool,
    /// Whether it is only for what will be made inside.
    pub(crate) only_inherited: bool,
    /// What, as Windows's bits.
    pub(crate) mask: u32,
}

fn last<T>() -> io::Result<T> {
    Err(io::Error::last_os_error())
}

/// An error's number as the result of a call.
fn code(code: u32) -> io::Result<()> {
    if code == ERROR_SUCCESS { Ok(()) } else { Err(io::Error::from_raw_os_error(code.cast_signed())) }
}

/// Memory that Windows handed out.
struct Local(*mut c_void);

impl Drop for Local {
    fn drop(&mut self) {
        // SAFETY: it came from a call whose documentation says to give it back so, and is given back once.
        unsafe { LocalFree(self.0) };
    }
}

/// The text of a SID.
fn text_of(sid: PSID) -> io::Result<String> {
    let mut text = null_mut();
    // SAFETY: `sid` points into a structure that the caller holds; `text` receives memory of Windows's own.
    if unsafe { ConvertSidToStringSidW(sid, &raw mut text) } == 0 {
        return last();
    }
    let _free = Local(text.cast());
    // SAFETY: it is a text with a zero at its end, and lives until `_free` is dropped.
    let units = unsafe {
        let mut length = 0;
        while *text.add(length) != 0 {
            length += 1;
        }
        std::slice::from_raw_parts(text, length)
    };
    Ok(String::from_utf16_lossy(units))
}

/// The user that this process acts as, as the text of a SID.
pub(crate) fn user() -> io::Result<String> {
    let mut token: HANDLE = null_mut();
    // SAFETY: the current process's handle needs no closing; `token` receives one that `_close` closes.
    if unsafe { OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &raw mut token) } == 0 {
        return last();
    }
    // SAFETY: the handle is fresh and this is its only owner.
    let token = unsafe { OwnedHandle::from_raw_handle(token) };
    // A SID has at most 68 bytes. Words of eight, since the structure holds a pointer.
    let mut buffer = [0_u64; 32];
    let mut length = 0;
    let size = size_of::<[u64; 32]>() as u32;
    // SAFETY: the buffer is as large as is said.
    let done = unsafe {
        GetTokenInformation(
            token.as_raw_handle(),
            TokenUser,
            buffer.as_mut_ptr().cast(),
            size,
            &raw mut length,
        )
    };
    if done == 0 {
        return last();
    }
    // SAFETY: on success the buffer begins with this structure, whose SID is in the buffer too.
    text_of(unsafe { (*buffer.as_ptr().cast::<TOKEN_USER>()).User.Sid })
}

/// Whose an open thing is, and who may do what with it. The handle must be allowed to read that.
pub(crate) fn security(handle: HANDLE, kind: Kind) -> io::Result<Security> {
    let (mut owner, mut list, mut descriptor): (PSID, *mut ACL, PSECURITY_DESCRIPTOR) =
        (null_mut(), null_mut(), null_mut());
    let what = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
    // SAFETY: each pointer is to a variable of the right type; `descriptor` receives what is freed below.
    code(unsafe {
        GetSecurityInfo(
            handle,
            kind.of_object(),
            what,
            &raw mut owner,
            null_mut(),
            &raw mut list,
            null_mut(),
            &raw mut descriptor,
        )
    })?;
    let _free = Local(descriptor);
    let (mut control, mut revision) = (0, 0);
    // SAFETY: the descriptor is the one of above.
    if unsafe { GetSecurityDescriptorControl(descriptor, &raw mut control, &raw mut revision) } == 0 {
        return last();
    }
    Ok(Security {
        owner: if owner.is_null() { String::new() } else { text_of(owner)? },
        is_protected: control & SE_DACL_PROTECTED != 0,
        // SAFETY: the list is a part of the descriptor.
        entries: if list.is_null() { None } else { Some(unsafe { entries(list) }?) },
    })
}

/// The entries of a list.
///
/// # Safety
/// `list` points to a valid one.
unsafe fn entries(list: *const ACL) -> io::Result<Vec<Entry>> {
    // SAFETY: by the caller's promise.
    let count = u32::from(unsafe { (*list).AceCount });
    (0..count)
        .map(|index| {
            let mut entry = null_mut();
            // SAFETY: the index is below the count, and the entry stays a part of the list.
            if unsafe { GetAce(list, index, &raw mut entry) } == 0 {
                return last();
            }
            // SAFETY: every entry begins so.
            let header = unsafe { *entry.cast::<ACE_HEADER>() };
            let only_inherited = u32::from(header.AceFlags) & INHERIT_ONLY_ACE != 0;
            if header.AceType != ALLOWED && header.AceType != DENIED {
                return Ok(Entry { who: String::new(), forbids: false, only_inherited, mask: u32::MAX });
            }
            let entry = entry.cast::<ACCESS_ALLOWED_ACE>();
            // SAFETY: entries of both types have this form, and their SID begins where `SidStart` is.
            let (mask, sid) = unsafe { ((*entry).Mask, (&raw mut (*entry).SidStart).cast()) };
            Ok(Entry { who: text_of(sid)?, forbids: header.AceType == DENIED, only_inherited, mask })
        })
        .collect()
}

/// A description of who may do what, from its text in SDDL.
fn descriptor(text: &str) -> io::Result<Local> {
    let text: Vec<u16> = text.encode_utf16().chain([0]).collect();
    let mut descriptor = null_mut();
    // SAFETY: the text ends with a zero; `descriptor` receives memory that `Local` frees.
    let done = unsafe {
        ConvertStringSecurityDescriptorToSecurityDescriptorW(
            text.as_ptr(),
            SDDL_REVISION_1,
            &raw mut descriptor,
            null_mut(),
        )
    };
    if done == 0 { last() } else { Ok(Local(descriptor)) }
}

/// Sets who may do what with an open file or folder, by a text in SDDL; the folder above has no say in it any more.
/// The handle must be allowed to write that.
pub(crate) fn set_entries(file: &File, text: &str) -> io::Result<()> {
    let descriptor = descriptor(text)?;
    let what = DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION;
    // SAFETY: the descriptor lives to the end of this function; the handle is open for as long as `file` is borrowed.
    let done = unsafe { SetKernelObjectSecurity(file.as_raw_handle(), what, descriptor.0) };
    if done == 0 { last() } else { Ok(()) }
}

/// Who may open what is made with it; made from a text in SDDL.
pub(crate) struct Attributes {
    attributes: SECURITY_ATTRIBUTES,
    _descriptor: Local,
}

impl Attributes {
    pub(crate) fn new(text: &str) -> io::Result<Self> {
        let descriptor = descriptor(text)?;
        let attributes = SECURITY_ATTRIBUTES {
            nLength: size_of::<SECURITY_ATTRIBUTES>() as u32,
            lpSecurityDescriptor: descriptor.0,
            bInheritHandle: 0,
        };
        Ok(Self { attributes, _descriptor: descriptor })
    }

    /// What Windows takes: a pointer to a `SECURITY_ATTRIBUTES`, good for as long as this value.
    pub(crate) fn as_ptr(&mut self) -> *mut c_void {
        (&raw mut self.attributes).cast()
    }
}

// SAFETY: what the pointer inside leads to belongs to this value alone, and Windows only reads it.
unsafe impl Send for Attributes {}

/// With it folders are opened too.
pub(crate) const FOLDERS_TOO: u32 = FILE_FLAG_BACKUP_SEMANTICS;

/// Whether what is open lies on a disk: no device, console or pipe does.
pub(crate) fn is_on_disk(file: &File) -> bool {
    // SAFETY: the handle is open for as long as `file` is borrowed.
    unsafe { GetFileType(file.as_raw_handle()) == FILE_TYPE_DISK }
}

/// The volume of an open file, and its number there.
pub(crate) fn file_id(file: &File) -> io::Result<(u64, u128)> {
    // SAFETY: all zeroes is a valid value of both plain structures.
    let (mut id, mut old): (FILE_ID_INFO, BY_HANDLE_FILE_INFORMATION) = unsafe { (zeroed(), zeroed()) };
    let size = size_of::<FILE_ID_INFO>() as u32;
    // SAFETY: the buffer is as large as is said, and the handle is open.
    let done =
        unsafe { GetFileInformationByHandleEx(file.as_raw_handle(), FileIdInfo, (&raw mut id).cast(), size) };
    if done != 0 {
        return Ok((id.VolumeSerialNumber, u128::from_le_bytes(id.FileId.Identifier)));
    }
    // File systems without the longer numbers.
    // SAFETY: as above.
    if unsafe { GetFileInformationByHandle(file.as_raw_handle(), &raw mut old) } == 0 {
        return last();
    }
    let number = u128::from(old.nFileIndexHigh) << 32 | u128::from(old.nFileIndexLow);
    Ok((old.dwVolumeSerialNumber.into(), number))
}

/// Locks one byte of a file, far behind its end; `false` where another handle holds it. Locked bytes cannot be read by
/// others, so a lock on all of it would hide what is written there.
pub(crate) fn lock_far_byte(file: &File) -> io::Result<bool> {
    // SAFETY: all zeroes is a valid value of this plain structure.
    let mut place: OVERLAPPED = unsafe { zeroed() };
    place.Anonymous.Anonymous.OffsetHigh = 0x4000_0000;
    let how = LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY;
    // SAFETY: the handle is open and not for overlapped use, so that the call is over when it returns.
    if unsafe { LockFileEx(file.as_raw_handle(), how, 0, 1, 0, &raw mut place) } != 0 {
        return Ok(true);
    }
    let error = io::Error::last_os_error();
    match error.raw_os_error().map(i32::cast_unsigned) {
        Some(ERROR_LOCK_VIOLATION | ERROR_IO_PENDING) => Ok(false),
        _ => Err(error),
    }
}

/// Whether a process of this number is running. One that may not be asked is.
pub(crate) fn is_running(process: u32) -> bool {
    // SAFETY: the call takes no pointers.
    let handle = unsafe { OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, 0, process) };
    if handle.is_null() {
        let error = io::Error::last_os_error().raw_os_error();
        return error.map(i32::cast_unsigned) == Some(ERROR_ACCESS_DENIED);
    }
    // SAFETY: the handle is fresh and this is its only owner.
    let handle = unsafe { OwnedHandle::from_raw_handle(handle) };
    let mut code = 0;
    // SAFETY: the handle is open, and `code` is a number as the call wants it.
    let answered = unsafe { GetExitCodeProcess(handle.as_raw_handle(), &raw mut code) } != 0;
    !answered || code == STILL_ACTIVE.cast_unsigned()
}

/// Has a crash of this process, and of what it starts, end it without a dialog and without a report of its memory.
pub(crate) fn no_crash_reports() {
    // SAFETY: the call takes no pointers.
    unsafe { SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX) };
}

/// Who is let in: asked of Windows itself.
#[cfg(test)]
pub(crate) mod tokens {
    use windows_sys::Win32::Foundation::INVALID_HANDLE_VALUE;
    use windows_sys::Win32::Security::{
        AccessCheck, DuplicateToken, GENERIC_MAPPING, PRIVILEGE_SET, SecurityImpersonation, TOKEN_DUPLICATE,
    };
    use windows_sys::Win32::Storage::FileSystem::{
        FILE_ALL_ACCESS, FILE_GENERIC_EXECUTE, FILE_GENERIC_READ, FILE_GENERIC_WRITE, PIPE_ACCESS_DUPLEX,
    };
    use windows_sys::Win32::System::Pipes::CreateNamedPipeW;

    use super::*;

    fn owned(handle: HANDLE) -> OwnedHandle {
        // SAFETY: the handle is fresh and this is its only owner.
        unsafe { OwnedHandle::from_raw_handle(handle) }
    }

    /// This process's token, to ask with.
    fn token() -> io::Result<OwnedHandle> {
        let (mut own, mut asking): (HANDLE, HANDLE) = (null_mut(), null_mut());
        // SAFETY: the current process's handle needs no closing; `own` receives one.
        if unsafe { OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY | TOKEN_DUPLICATE, &raw mut own) } == 0
        {
            return last();
        }
        let own = owned(own);
        // SAFETY: the handle is open; `asking` receives one.
        if unsafe { DuplicateToken(own.as_raw_handle(), SecurityImpersonation, &raw mut asking) } == 0 {
            return last();
        }
        Ok(owned(asking))
    }

    /// A pipe that its user alone may open, with its name.
    pub(crate) fn pipe(name: &str) -> (String, OwnedHandle) {
        let name = format!(r"\\.\pipe\tidemark-test-{}-{name}", std::process::id());
        let wide: Vec<u16> = name.encode_utf16().chain([0]).collect();
        let mut own = crate::OwnPipe::new().unwrap();
        let attributes = own.as_ptr().cast();
        // SAFETY: the name ends with a zero, and `own` lives until the call returns.
        let made =
            unsafe { CreateNamedPipeW(wide.as_ptr(), PIPE_ACCESS_DUPLEX, 0, 1, 512, 512, 0, attributes) };
        assert!(made != INVALID_HANDLE_VALUE, "{}", io::Error::last_os_error());
        (name, owned(made))
    }

    /// Whether this process's user may read what a text in SDDL describes, with owner and group.
    pub(crate) fn may_read(text: &str) -> io::Result<bool> {
        let (token, descriptor) = (token()?, descriptor(text)?);
        let mapping = GENERIC_MAPPING {
            GenericRead: FILE_GENERIC_READ,
            GenericWrite: FILE_GENERIC_WRITE,
            GenericExecute: FILE_GENERIC_EXECUTE,
            GenericAll: FILE_ALL_ACCESS,
        };
        let mut privileges = PRIVILEGE_SET::default();
        let mut length = size_of::<PRIVILEGE_SET>() as u32;
        let (mut granted, mut answer) = (0, 0);
        // SAFETY: every pointer is to a variable of the right type, and the buffer is as large as is said.
        let done = unsafe {
            AccessCheck(
                descriptor.0,
                token.as_raw_handle(),
                FILE_GENERIC_READ,
                &raw const mapping,
                &raw mut privileges,
                &raw mut length,
                &raw mut granted,
                &raw mut answer,
            )
        };
        if done == 0 { last() } else { Ok(answer != 0) }
    }
}
