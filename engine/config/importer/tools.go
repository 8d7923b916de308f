package importer

var (
	python  = []string{"python"}
	pythons = []string{"python", "pyi"}
	goFiles = []string{"go"}
)

// located reads "file:line:column: message", with a column or without.
const located = `regex:^(?P<file>[^:]+):(?P<line>\d+)(:(?P<column>\d+))?:? (?P<message>.*)$`

// tools are the hooks that are known, each by its own manifest
// (.pre-commit-hooks.yaml of its repository).
var tools = []tool{
	// Python
	{ids: []string{"ruff", "ruff-check"}, program: "ruff check", base: "--force-exclude", print: "--output-format github", write: "--fix", parse: "github",
		writers: []string{"--fix", "--exit-non-zero-on-fix"}, printers: []string{"--output-format 1", "--quiet", "-q"}, typesOr: []string{"python", "pyi", "jupyter"}},
	{ids: []string{"ruff-format"}, program: "ruff format", base: "--force-exclude", check: "--check", formatter: true, writers: []string{"--check"}, typesOr: []string{"python", "pyi", "jupyter"}},
	{ids: []string{"black"}, program: "black", check: "--check", formatter: true, writers: []string{"--check"}, typesOr: pythons},
	{ids: []string{"black-jupyter"}, program: "black", check: "--check", formatter: true, writers: []string{"--check"}, typesOr: []string{"python", "pyi", "jupyter"}},
	{ids: []string{"isort"}, program: "isort", args: "--filter-files", check: "--check-only", formatter: true, writers: []string{"--check-only", "--check", "-c"}, typesOr: []string{"cython", "pyi", "python"}},
	{ids: []string{"flake8"}, program: "flake8", parse: "gcc", printers: []string{"--format 1"}, types: python},
	{ids: []string{"mypy"}, program: "mypy", args: "--ignore-missing-imports --scripts-are-modules", typesOr: pythons},
	{ids: []string{"pylint"}, program: "pylint", types: python},
	{ids: []string{"pyright", "basedpyright"}, program: "pyright", typesOr: pythons},
	{ids: []string{"bandit"}, program: "bandit", types: python},
	{ids: []string{"pydocstyle"}, program: "pydocstyle", types: python},
	{ids: []string{"vulture"}, program: "vulture", types: python, whole: true},
	{ids: []string{"autoflake"}, program: "autoflake", check: "--check", write: "--in-place", formatter: true, writers: []string{"--in-place", "-i", "--check"}, types: python},
	{ids: []string{"autopep8"}, program: "autopep8", args: "-i", check: "--diff --exit-code", write: "-i", formatter: true, writers: []string{"-i", "--in-place"}, types: python},
	{ids: []string{"yapf"}, program: "yapf", args: "-i", check: "--diff", write: "-i", formatter: true, writers: []string{"-i", "--in-place"}, types: python},
	{ids: []string{"docformatter"}, program: "docformatter", args: "--in-place", check: "--check", write: "--in-place", formatter: true, writers: []string{"-i", "--in-place"}, types: python},
	{ids: []string{"pyupgrade"}, program: "pyupgrade", rewrites: true, types: python},
	{ids: []string{"reorder-python-imports"}, program: "reorder-python-imports", rewrites: true, types: python},
	{ids: []string{"add-trailing-comma"}, program: "add-trailing-comma", rewrites: true, types: python},
	{ids: []string{"django-upgrade"}, program: "django-upgrade", rewrites: true, types: python},
	{ids: []string{"blacken-docs"}, program: "blacken-docs", rewrites: true, typesOr: []string{"rst", "markdown", "python", "tex"}},
	{ids: []string{"setup-cfg-fmt"}, program: "setup-cfg-fmt", rewrites: true, files: `(^|/)setup\.cfg$`},
	{ids: []string{"pyproject-fmt"}, program: "pyproject-fmt", rewrites: true, files: `(^|/)pyproject\.toml$`},
	{ids: []string{"validate-pyproject"}, program: "validate-pyproject", files: `pyproject\.toml$`},
	{ids: []string{"nbstripout"}, program: "nbstripout", rewrites: true, types: []string{"jupyter"}, reason: "nbstripout changes files and does not say so by its exit code: write a command, with what changes them in fix"},
	{ids: []string{"sphinx-lint"}, program: "sphinx-lint", typesOr: []string{"rst", "python"}},
	{ids: []string{"doc8"}, program: "doc8", types: []string{"rst"}},

	// JavaScript and the web
	{ids: []string{"eslint"}, program: "eslint", print: "--format json", write: "--fix", parse: "eslint-json", writers: []string{"--fix"}, printers: []string{"--format 1", "-f 1"}, types: []string{"javascript"}},
	{ids: []string{"prettier"}, program: "prettier", base: "--ignore-unknown", check: "--check", write: "--write", formatter: true,
		writers: []string{"--write", "-w", "--list-different", "-l", "--check", "-c", "--ignore-unknown", "-u"}, types: []string{"text"}},
	{ids: []string{"stylelint"}, program: "stylelint", print: "--formatter unix", write: "--fix", parse: "gcc", writers: []string{"--fix"}, printers: []string{"--formatter 1", "-f 1"}, files: `\.(css|scss|sass)$`},
	{ids: []string{"biome-check"}, program: "biome check", base: "--files-ignore-unknown=true --no-errors-on-unmatched", write: "--write", formatter: true, writers: []string{"--write"}, types: []string{"text"}},
	{ids: []string{"biome-format"}, program: "biome format", base: "--files-ignore-unknown=true --no-errors-on-unmatched", write: "--write", formatter: true, writers: []string{"--write"}, types: []string{"text"}},
	{ids: []string{"biome-lint"}, program: "biome lint", base: "--files-ignore-unknown=true --no-errors-on-unmatched", write: "--write", writers: []string{"--write"}, types: []string{"text"}},
	{ids: []string{"biome-ci"}, program: "biome ci", base: "--files-ignore-unknown=true --no-errors-on-unmatched", types: []string{"text"}},
	{ids: []string{"cspell"}, program: "cspell", base: "--no-must-find-files", types: []string{"text"}},

	// shells
	{ids: []string{"shellcheck"}, program: "shellcheck", print: "--format gcc", parse: "gcc", printers: []string{"--format 1", "-f 1"}, types: []string{"shell"}},
	{ids: []string{"shfmt", "shfmt-src", "shfmt-go", "script-must-have-extension-shfmt"}, program: "shfmt", args: "--write", check: "--diff", write: "--write", formatter: true,
		writers: []string{"-w", "--write", "-l", "--list", "-d", "--diff"}, types: []string{"shell"}, exceptTypes: []string{"csh", "tcsh"}},

	// Go
	{ids: []string{"go-fmt", "gofmt"}, program: "gofmt", script: `test -z "$(gofmt -l ARGS "$@" | tee /dev/stderr)"`, write: `gofmt -w ARGS "$@"`, writers: []string{"-w", "-l"}, types: goFiles},
	{ids: []string{"go-imports", "goimports"}, program: "goimports", script: `test -z "$(goimports -l ARGS "$@" | tee /dev/stderr)"`, write: `goimports -w ARGS "$@"`, writers: []string{"-w", "-l"}, types: goFiles},
	{ids: []string{"go-vet"}, program: "go vet", base: "./...", whole: true, types: goFiles},
	{ids: []string{"go-build"}, program: "go build", base: "./...", whole: true, types: goFiles},
	{ids: []string{"go-unit-tests"}, program: "go test", base: "-tags=unit -timeout 30s -short ./...", whole: true, types: goFiles},
	{ids: []string{"golangci-lint"}, repos: []string{"golangci/golangci-lint"}, rev: "v2", program: "golangci-lint run", base: "--new-from-rev HEAD", print: "--output.sarif.path=stdout", write: "--fix", args: "--fix", writers: []string{"--fix"}, parse: "sarif", whole: true, never: true, types: goFiles},
	{ids: []string{"golangci-lint"}, repos: []string{"golangci/golangci-lint"}, program: "golangci-lint run", base: "--new-from-rev HEAD", write: "--fix", args: "--fix", writers: []string{"--fix"}, whole: true, never: true, types: goFiles},
	{ids: []string{"golangci-lint"}, program: "golangci-lint run", whole: true, write: "--fix", writers: []string{"--fix"}, types: goFiles},
	{ids: []string{"golangci-lint-full"}, rev: "v2", program: "golangci-lint run", print: "--output.sarif.path=stdout", write: "--fix", args: "--fix", writers: []string{"--fix"}, parse: "sarif", whole: true, types: goFiles},
	{ids: []string{"golangci-lint-full"}, program: "golangci-lint run", write: "--fix", args: "--fix", writers: []string{"--fix"}, whole: true, types: goFiles},
	{ids: []string{"golangci-lint-fmt"}, program: "golangci-lint fmt", check: "--diff", formatter: true, whole: true, types: goFiles},
	{ids: []string{"golangci-lint-config-verify"}, program: "golangci-lint config verify", whole: true, files: `\.golangci\.(?:yml|yaml|toml|json)$`},

	// Rust
	{ids: []string{"fmt", "cargo-fmt"}, repos: []string{"rust", "cargo"}, program: "cargo fmt", check: "--check", formatter: true, whole: true, writers: []string{"--check"}, types: []string{"rust"}},
	{ids: []string{"cargo-check"}, program: "cargo check", whole: true, types: []string{"rust"}},
	{ids: []string{"clippy"}, program: "cargo clippy", whole: true, types: []string{"rust"}},
	{ids: []string{"rustfmt"}, program: "rustfmt", check: "--check", formatter: true, writers: []string{"--check"}, types: []string{"rust"}},

	// C and the like
	{ids: []string{"clang-format"}, program: "clang-format", args: "-style=file -i", check: "--dry-run -Werror", write: "-i", parse: "gcc", formatter: true,
		writers: []string{"-i", "--Werror", "-Werror", "--dry-run", "-n"}, printers: []string{"--verbose"}, typesOr: []string{"c++", "c", "c#", "cuda", "java", "javascript", "json", "objective-c", "proto", "textproto", "metal", "verilog"}},
	{ids: []string{"cpplint"}, program: "cpplint", typesOr: []string{"c", "c++"}},
	{ids: []string{"cmake-format"}, program: "cmake-format", check: "--check", write: "--in-place", args: "--in-place", formatter: true, writers: []string{"--in-place", "-i", "--check"}, types: []string{"cmake"}},

	// files of infrastructure
	{ids: []string{"hadolint"}, program: "hadolint", print: "--format checkstyle", parse: "checkstyle", printers: []string{"--format 1", "-f 1"}, types: []string{"dockerfile"}},
	{ids: []string{"actionlint", "actionlint-system"}, program: "actionlint", print: "-no-color", parse: "gcc", printers: []string{"-format 1", "-color", "-oneline"}, files: `^\.github/workflows/`, types: []string{"yaml"},
		note: "what needs no program of it: the kind data with builtin:github-workflow, and the pack sot:github-actions"},
	{ids: []string{"zizmor"}, program: "zizmor", files: `^\.github/(workflows|actions)/`, types: []string{"yaml"}},
	{ids: []string{"yamllint"}, program: "yamllint", print: "-f github", parse: "github", printers: []string{"-f 1", "--format 1"}, types: []string{"file", "yaml"}},
	{ids: []string{"yamlfmt"}, repos: []string{"google/yamlfmt"}, program: "yamlfmt", check: "-lint", formatter: true, writers: []string{"-lint"}, types: []string{"yaml"}},
	{ids: []string{"terraform_fmt", "terraform-fmt", "tofu-fmt", "tofu_fmt"}, repos: []string{"terraform", "gruntwork", "tofu"}, program: "terraform fmt", check: "-check -diff", formatter: true, each: true, files: `(\.tf|\.tfvars)$`, exclude: `\.terraform/.*$`,
		note: "its command is terraform; write tofu in its place where that is what you have"},
	{ids: []string{"terraform_validate", "terraform_tflint", "terraform_docs", "terraform_trivy", "terraform_checkov", "terraform_providers_lock", "terragrunt_fmt", "terragrunt_validate"},
		reason: "its script initialises and visits each folder of the files: write a command that does, with `files: none`"},
	{ids: []string{"check-github-workflows"}, program: "check-jsonschema", base: "--builtin-schema vendor.github-workflows", files: `^\.github/workflows/[^/]+$`, types: []string{"yaml"}},
	{ids: []string{"check-github-actions"}, program: "check-jsonschema", base: "--builtin-schema vendor.github-actions", files: `^action\.(yml|yaml)$|^\.github/actions/(.+/)?action\.ya?ml$`, types: []string{"yaml"}},
	{ids: []string{"check-dependabot"}, program: "check-jsonschema", base: "--builtin-schema vendor.dependabot", files: `^\.github/dependabot\.(yml|yaml)$`, types: []string{"yaml"}},
	{ids: []string{"check-renovate"}, program: "check-jsonschema", base: "--builtin-schema vendor.renovate", files: `^(renovate\.json5?|\.github/renovate\.json5?|\.gitlab/renovate\.json5?|\.renovaterc(\.json5?)?)$`},
	{ids: []string{"check-jsonschema"}, program: "check-jsonschema", files: ""},

	// prose
	{ids: []string{"markdownlint"}, program: "markdownlint", write: "--fix", writers: []string{"--fix", "-f"}, parse: located, types: []string{"markdown"}},
	{ids: []string{"markdownlint-fix"}, program: "markdownlint", write: "--fix", args: "--fix", formatter: true, writers: []string{"--fix", "-f"}, parse: located, types: []string{"markdown"}},
	{ids: []string{"markdownlint-cli2"}, program: "markdownlint-cli2", write: "--fix", writers: []string{"--fix"}, parse: located, types: []string{"markdown"}},
	{ids: []string{"mdformat"}, program: "mdformat", check: "--check", formatter: true, writers: []string{"--check"}, types: []string{"markdown"}},
	{ids: []string{"codespell"}, program: "codespell", write: "--write-changes", writers: []string{"-w", "--write-changes"}, parse: "gcc", types: []string{"text"}},
	{ids: []string{"typos"}, program: "typos", args: "--write-changes --force-exclude", print: "--format brief", write: "--write-changes", writers: []string{"--write-changes", "-w"}, printers: []string{"--format 1"}, parse: "gcc", types: []string{"text"}},

	// other
	{ids: []string{"gitleaks", "gitleaks-system"}, program: "gitleaks git", base: "--pre-commit --redact --staged --verbose", whole: true, never: true},
	{ids: []string{"detect-secrets"}, program: "detect-secrets-hook", types: []string{"text"}},
	{ids: []string{"sqlfluff-lint"}, program: "sqlfluff lint", base: "--processes 0 --disable-progress-bar", types: []string{"sql"}},
	{ids: []string{"uv-lock"}, program: "uv lock", check: "--check", formatter: true, whole: true, never: false, files: `^(uv\.lock|pyproject\.toml|uv\.toml)$`},
	{ids: []string{"poetry-check"}, program: "poetry check", whole: true, files: `^(.*/)?pyproject\.toml$`},
	{ids: []string{"editorconfig-checker"}, program: "editorconfig-checker", types: []string{"text"}},
	{ids: []string{"ls-lint"}, reason: "its rules are in .ls-lint.yml: `sot import ls-lint --output -` writes them as rules of the kind naming, to be put beside these, or write a command"},
	{ids: []string{"commitlint", "gitlint"}, reason: "it judges the commit's message by its own configuration: write a rule of the kind message"},
}
