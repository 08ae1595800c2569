//! Whether the machine runs on battery, so that an idle engine asks less often.

/// Whether the machine runs on battery: on Linux from `/sys/class/power_supply`, on macOS from IOKit. Elsewhere, and
/// where that is unknown, it counts as plugged in.
#[must_use]
pub(crate) fn on_battery() -> bool {
    #[cfg(target_os = "linux")]
    {
        on_battery_at(std::path::Path::new("/sys/class/power_supply"))
    }
    #[cfg(target_os = "macos")]
    {
        macos::on_battery()
    }
    #[cfg(not(any(target_os = "linux", target_os = "macos")))]
    {
        false
    }
}

/// Compiled, and never run.
#[cfg(target_os = "macos")]
mod macos {
    #![allow(unsafe_code, reason = "the system's library is called by pointers")]

    use core_foundation::base::{CFType, CFTypeRef, TCFType as _};
    use core_foundation::string::{CFString, CFStringRef};

    #[link(name = "IOKit", kind = "framework")]
    unsafe extern "C" {
        fn IOPSCopyPowerSourcesInfo() -> CFTypeRef;
        fn IOPSGetProvidingPowerSourceType(snapshot: CFTypeRef) -> CFStringRef;
    }

    /// What the system calls a battery in the machine (`kIOPMBatteryPowerKey`).
    const BATTERY: &str = "Battery Power";

    pub(super) fn on_battery() -> bool {
        // SAFETY: what the first call gives belongs to the caller, what the second gives to the first's.
        unsafe {
            let snapshot = IOPSCopyPowerSourcesInfo();
            if snapshot.is_null() {
                return false;
            }
            let snapshot = CFType::wrap_under_create_rule(snapshot);
            let kind = IOPSGetProvidingPowerSourceType(snapshot.as_CFTypeRef());
            !kind.is_null() && CFString::wrap_under_get_rule(kind) == BATTERY
        }
    }
}

#[cfg(any(target_os = "linux", test))]
fn on_battery_at(root: &std::path::Path) -> bool {
    let Ok(supplies) = std::fs::read_dir(root) else { return false };
    let mut discharging = false;
    for supply in supplies.flatten() {
        let read = |name: &str| std::fs::read_to_string(supply.path().join(name)).unwrap_or_default();
        match read("type").trim() {
            // One supply that is plugged in is enough.
            "Mains" | "USB" if read("online").trim() == "1" => return false,
            // A mouse's battery is not the machine's.
            "Battery" if read("scope").trim() != "Device" => {
                discharging |= read("status").trim() == "Discharging";
            }
            _ => {}
        }
    }
    discharging
}

#[cfg(test)]
mod tests {
    use super::*;

    fn supply(root: &std::path::Path, name: &str, files: &[(&str, &str)]) {
        let dir = root.join(name);
        std::fs::create_dir_all(&dir).unwrap();
        for (file, text) in files {
            std::fs::write(dir.join(file), format!("{text}\n")).unwrap();
        }
    }

    #[test]
    fn a_discharging_battery_counts_only_unplugged() {
        let dir = tempfile::tempdir().unwrap();
        assert!(!on_battery_at(dir.path()));
        supply(
            dir.path(),
            "hidpp_battery_0",
            &[("type", "Battery"), ("scope", "Device"), ("status", "Discharging")],
        );
        assert!(!on_battery_at(dir.path()), "a mouse is not the machine");
        supply(dir.path(), "BAT0", &[("type", "Battery"), ("status", "Discharging")]);
        supply(dir.path(), "AC", &[("type", "Mains"), ("online", "0")]);
        assert!(on_battery_at(dir.path()));
        supply(dir.path(), "AC", &[("type", "Mains"), ("online", "1")]);
        assert!(!on_battery_at(dir.path()));
    }
}
