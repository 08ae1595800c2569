; The installer: for one user, without an administrator. `cargo xtask windows package` runs makensis with
;   VERSION        such as 1.2.3
;   PUBLISHER      who publishes it
;   FOLDER         where the files to be packed lie
;   OUT            the file to make
;   KIB            the size of what is installed, in KiB
;   QUICK          where it is for a test and may be larger
;
; Silent: setup.exe /S [/D=folder]; uninstall.exe /S [/REMOVEDATA]. /D must come last and takes no quotes.

Unicode true
Target amd64-unicode
ManifestSupportedOS Win10
ManifestDPIAware true
RequestExecutionLevel user
!ifdef QUICK
  SetCompress off
!else
  SetCompressor /SOLID lzma
!endif
Name "Tidemark"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\Tidemark"
InstallDirRegKey HKCU "Software\Tidemark" "InstallDir"
BrandingText "Tidemark ${VERSION}"

VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "Tidemark"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "Tidemark Setup"
VIAddVersionKey "CompanyName" "${PUBLISHER}"
VIAddVersionKey "LegalCopyright" "${PUBLISHER}; MIT or Apache-2.0"

!include MUI2.nsh
!include FileFunc.nsh
!include LogicLib.nsh

!define MUI_ICON "${FOLDER}\tidemark.ico"
!define MUI_UNICON "${FOLDER}\tidemark.ico"
!define MUI_FINISHPAGE_RUN "$INSTDIR\tidemark-desktop.exe"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "SimpChinese"

LangString NoWebView ${LANG_ENGLISH} "Tidemark’s window needs Microsoft Edge WebView2, which this Windows does not have. Open Microsoft’s download in your browser now? The command line works without it."
LangString NoWebView ${LANG_SIMPCHINESE} "Tidemark 的窗口需要 Microsoft Edge WebView2，而这台电脑没有。现在用浏览器打开微软的下载地址吗？命令行不受影响。"
LangString RemoveData ${LANG_ENGLISH} "Also delete Tidemark’s history, settings and stored keys? This cannot be undone."
LangString RemoveData ${LANG_SIMPCHINESE} "是否同时删除 Tidemark 的历史、设置和保存的密钥？删除后无法恢复。"
LangString StillRuns ${LANG_ENGLISH} "The background agent did not quit. Quit Tidemark from its icon in the notification area, then try again."
LangString StillRuns ${LANG_SIMPCHINESE} "后台服务没有退出。请从通知区域的 Tidemark 图标退出，然后重试。"

!define REMOVAL "Software\Microsoft\Windows\CurrentVersion\Uninstall\Tidemark"
!define AT_LOGIN "Software\Microsoft\Windows\CurrentVersion\Run"
!define PATHS "Software\Microsoft\Windows\CurrentVersion\App Paths"
!define NOTIFICATIONS "Software\Classes\AppUserModelId\dev.tidemark.Tidemark"
!define WEBVIEW "Microsoft\EdgeUpdate\Clients\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}"

Var AgentRan

; A program that runs cannot be written over, but its file can be given another name, one that nothing has: a window that
; is open stays so, and the agent is replaced by the new one below.
!macro Replace file
  ${If} ${FileExists} "$INSTDIR\${file}"
    Delete "$INSTDIR\${file}"
    ${If} ${FileExists} "$INSTDIR\${file}"
      Rename "$INSTDIR\${file}" "$INSTDIR\${file}.$0.old"
      StrCpy $1 "yes"
    ${EndIf}
  ${EndIf}
  File "${FOLDER}\${file}"
!macroend

Section
  SetOutPath "$INSTDIR"
  ; Of an earlier upgrade.
  Delete "$INSTDIR\*.old"
  System::Call 'kernel32::GetTickCount()i .r0'
  StrCpy $1 ""
  !insertmacro Replace "tidemark.exe"
  StrCpy $AgentRan $1
  !insertmacro Replace "tidemark-desktop.exe"
  !if /FileExists "${FOLDER}\WebView2Loader.dll"
    !insertmacro Replace "WebView2Loader.dll"
  !endif
  File "${FOLDER}\tidemark.ico"
  File "${FOLDER}\LICENSE-MIT.txt"
  File "${FOLDER}\LICENSE-APACHE.txt"
  WriteUninstaller "$INSTDIR\uninstall.exe"

  CreateShortcut "$SMPROGRAMS\Tidemark.lnk" "$INSTDIR\tidemark-desktop.exe" "" "$INSTDIR\tidemark.ico"
  WriteRegStr HKCU "Software\Tidemark" "InstallDir" "$INSTDIR"
  WriteRegStr HKCU "${PATHS}\tidemark.exe" "" "$INSTDIR\tidemark.exe"
  WriteRegStr HKCU "${PATHS}\tidemark-desktop.exe" "" "$INSTDIR\tidemark-desktop.exe"
  WriteRegStr HKCU "${REMOVAL}" "DisplayName" "Tidemark"
  WriteRegStr HKCU "${REMOVAL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${REMOVAL}" "Publisher" "${PUBLISHER}"
  WriteRegStr HKCU "${REMOVAL}" "DisplayIcon" "$INSTDIR\tidemark.ico"
  WriteRegStr HKCU "${REMOVAL}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${REMOVAL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${REMOVAL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${REMOVAL}" "EstimatedSize" ${KIB}
  WriteRegDWORD HKCU "${REMOVAL}" "NoModify" 1
  WriteRegDWORD HKCU "${REMOVAL}" "NoRepair" 1

  ${If} $AgentRan == "yes"
    ; Ends the older agent, and starts this one in its place.
    nsExec::Exec '"$INSTDIR\tidemark.exe" agent --end'
    ; Not by nsExec, which would wait for the agent's end: it hands down what it reads the output from.
    ExecWait '"$INSTDIR\tidemark-desktop.exe" --agent'
    Delete "$INSTDIR\*.old"
  ${EndIf}

  ReadRegStr $2 HKLM "SOFTWARE\WOW6432Node\${WEBVIEW}" "pv"
  ${If} $2 == ""
    ReadRegStr $2 HKCU "Software\${WEBVIEW}" "pv"
  ${EndIf}
  ${If} $2 == ""
  ${OrIf} $2 == "0.0.0.0"
    MessageBox MB_YESNO|MB_ICONEXCLAMATION "$(NoWebView)" /SD IDNO IDNO +2
    ExecShell "open" "https://go.microsoft.com/fwlink/p/?LinkId=2124703"
  ${EndIf}
SectionEnd

Section Uninstall
  nsExec::Exec '"$INSTDIR\tidemark.exe" agent --quit'
  Pop $0
  ${If} $0 != "0"
    MessageBox MB_OK|MB_ICONSTOP "$(StillRuns)" /SD IDOK
    SetErrorLevel 2
    Quit
  ${EndIf}

  ${GetParameters} $1
  ClearErrors
  ${GetOptions} $1 "/REMOVEDATA" $2
  ${IfNot} ${Errors}
    StrCpy $3 "yes"
  ${Else}
    MessageBox MB_YESNO|MB_ICONQUESTION|MB_DEFBUTTON2 "$(RemoveData)" /SD IDNO IDNO +2
    StrCpy $3 "yes"
  ${EndIf}
  ${If} $3 == "yes"
    nsExec::Exec '"$INSTDIR\tidemark.exe" account remove --all'
    RMDir /r "$APPDATA\tidemark\Tidemark"
    RMDir "$APPDATA\tidemark"
    RMDir /r "$LOCALAPPDATA\dev.tidemark.Tidemark"
  ${EndIf}

  ; Only the entry of this installation: a portable copy has its own.
  ReadRegStr $4 HKCU "${AT_LOGIN}" "Tidemark"
  ${If} $4 == '"$INSTDIR\tidemark-desktop.exe" --agent'
    DeleteRegValue HKCU "${AT_LOGIN}" "Tidemark"
  ${EndIf}
  DeleteRegKey HKCU "${PATHS}\tidemark.exe"
  DeleteRegKey HKCU "${PATHS}\tidemark-desktop.exe"
  DeleteRegKey HKCU "${NOTIFICATIONS}"
  DeleteRegKey HKCU "${REMOVAL}"
  DeleteRegKey HKCU "Software\Tidemark"
  Delete "$SMPROGRAMS\Tidemark.lnk"
  Delete "$INSTDIR\tidemark.exe"
  Delete "$INSTDIR\tidemark-desktop.exe"
  Delete "$INSTDIR\WebView2Loader.dll"
  Delete "$INSTDIR\tidemark.ico"
  Delete "$INSTDIR\LICENSE-MIT.txt"
  Delete "$INSTDIR\LICENSE-APACHE.txt"
  Delete "$INSTDIR\*.old"
  Delete "$INSTDIR\uninstall.exe"
  ; Not what someone else has put there.
  RMDir "$INSTDIR"
SectionEnd
