; Inno Setup 6: packs dist\tiangeng into dist\tiangeng-setup-VERSION.exe. Called by windows.ps1; not run by us.
; Installs for one user without administrator rights; data lies in the user's own folder and stays at uninstall.
#ifndef Version
  #error Call it through windows.ps1, which says the version.
#endif

[Setup]
AppId={{7C1B5B1E-6C0B-4E0E-9B39-5E6D2C0F5A11}
AppName=田埂
AppVersion={#Version}
AppPublisher=田埂
DefaultDirName={autopf}\Tiangeng
DefaultGroupName=田埂
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
OutputDir=..\dist
OutputBaseFilename=tiangeng-setup-{#Version}
Compression=lzma2/max
SolidCompression=yes
DisableProgramGroupPage=yes
CloseApplications=yes
UninstallDisplayName=田埂
UninstallDisplayIcon={app}\tiangeng.exe

[Languages]
; ChineseSimplified.isl comes with Inno Setup 6.5 and later, or lies in its Languages folder after a download.
Name: "chinese"; MessagesFile: "compiler:Languages\ChineseSimplified.isl"

[Tasks]
Name: "desktopicon"; Description: "在桌面上放一个图标"

[InstallDelete]
; Files of an older version must not stay beside the new ones.
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "..\dist\tiangeng\*"; DestDir: "{app}"; Flags: recursesubdirs ignoreversion
Source: "..\THIRD_PARTY.md"; DestDir: "{app}"

[Icons]
Name: "{group}\田埂"; Filename: "{app}\tiangeng.exe"
Name: "{autodesktop}\田埂"; Filename: "{app}\tiangeng.exe"; Tasks: desktopicon

[Run]
Filename: "{app}\tiangeng.exe"; Description: "打开田埂"; Flags: nowait postinstall skipifsilent
