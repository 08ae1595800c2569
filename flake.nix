# The command line and its agent. `nix run` starts it; `nix profile install` installs it with manual pages and completions.
{
  description = "Usage dashboard for Kimi quotas and balances: the command line";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { self, nixpkgs }:
    let
      workspace = (builtins.fromTOML (builtins.readFile ./Cargo.toml)).workspace.package;
      systems = [ "x86_64-linux" "aarch64-linux" "x86_64-darwin" "aarch64-darwin" ];
      each = make: nixpkgs.lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});
    in
    {
      packages = each (pkgs: {
        default = pkgs.rustPlatform.buildRustPackage {
          pname = "tidemark";
          version = workspace.version;
          src = self;
          cargoLock.lockFile = ./Cargo.lock;
          cargoBuildFlags = [ "--package" "tidemark" ];
          # Tests need a desktop, and are run where the program is made.
          doCheck = false;
          nativeBuildInputs = [ pkgs.installShellFiles ];
          postInstall = ''
            $out/bin/tidemark man-pages man
            installManPage man/*.1
            installShellCompletion --cmd tidemark \
              --bash <($out/bin/tidemark completions bash) \
              --zsh <($out/bin/tidemark completions zsh) \
              --fish <($out/bin/tidemark completions fish)
          '';
          meta = {
            description = "Usage dashboard for Kimi quotas and balances: the command line";
            homepage = workspace.repository;
            license = with pkgs.lib.licenses; [ mit asl20 ];
            mainProgram = "tidemark";
          };
        };
      });
    };
}
