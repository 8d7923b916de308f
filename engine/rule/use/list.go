package use

import "github.com/sot-validator/sot/engine/rule"

// checks returns every built-in check, sorted by id.
func checks() []rule.Use {
	return []rule.Use{
		checkAddedLargeFiles(),
		checkByteOrderMarker(),
		checkCaseConflict(),
		checkExecutablesHaveShebangs(),
		checkIllegalWindowsNames(),
		checkJSON(),
		checkMergeConflict(),
		checkShebangScriptsAreExecutable(),
		checkSymlinks(),
		checkTOML(),
		checkVCSPermalinks(),
		checkXML(),
		checkYAML(),
		destroyedSymlinks(),
		detectAWSCredentials(),
		detectPrivateKey(),
		editorConfig(),
		endOfFileFixer(),
		fileContentsSorter(),
		fixByteOrderMarker(),
		forbidNewSubmodules(),
		forbidSubmodules(),
		githubWorkflowInjection(),
		mixedLineEnding(),
		noCommitToBranch(),
		prettyFormatJSON(),
		requirementsTxtFixer(),
		sortSimpleYAML(),
		trailingWhitespace(),
	}
}

// noOptions is the shape of `with` for a check that has no options.
func noOptions() rule.Shape { return rule.Object("this check has no options") }

// isSpace says whether c is ASCII white space, as Python's bytes.isspace and
// bytes.strip see it: no byte of a non-ASCII character is.
func isSpace(c byte) bool {
	return c == ' ' || '\t' <= c && c <= '\r'
}
