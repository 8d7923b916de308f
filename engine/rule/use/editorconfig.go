package use

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"strings"
	"sync"

	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/rule/use/editorconfig"
)

func editorConfig() rule.Use {
	return rule.Use{
		ID:  "editorconfig",
		Why: "Editors follow the file only where they support it, and nobody notices where they do not.",
		Doc: `Holds files to what .editorconfig says of them.

Judged are indent_style, indent_size (with tab_width where it is "tab"), end_of_line, charset,
trim_trailing_whitespace, insert_final_newline and max_line_length. The .editorconfig of each
folder from the file's up to the one that says root = true, or the repository's root, is read
from the same source as the file: under --staged, as staged. Without one, all is fine.

- disable: properties that are not judged, one or a list; indent_size leaves indent_style judged.

A comment in a file takes lines out, with the words of editorconfig-checker:
editorconfig-checker-disable and -enable, -disable-line, -disable-next-line, and -disable-file in
the first line. As there, lock files, minified and generated files, images, archives, logs and
patches are left out; a rule's own exclude takes that list's place. As there, a line may be indented
by one more blank where " *" follows (a comment's), and an empty file has no mistakes.

The verdict of a file is that of editorconfig-checker 3. Differences:

- binary files are not looked at, nor are UTF-16 and UTF-32 without a byte order mark; there,
  some are, as text that it cannot tell;
- a charset is told by its byte order mark and by whether the bytes are UTF-8, not guessed by
  statistics: text in ISO 8859-1 is not utf-8 here, where it is let pass there;
- a line is as long as its characters, where there without charset = utf-8 it has as many as bytes;
- lines behind one of more than 64 KiB are judged, where its reader stops;
- values are not case-sensitive, as the specification says, and a file further up than the
  repository's root is not read;
- a line of .editorconfig that is no pair is skipped, where there the files below go unchecked;
- over 1000 findings of one property in a file, the rest is one.`,
		Defaults: rule.Selector{Types: []string{"text"}, Exclude: generatedFiles()},
		With: rule.Object("options of editorconfig",
			rule.Key{Name: "disable", Shape: rule.OneOrMore(rule.Enum("a property", properties...), "properties that are not judged")}),
		New: newEditorConfig,
	}
}

var properties = []string{"indent_style", "indent_size", "end_of_line", "charset", "trim_trailing_whitespace", "insert_final_newline", "max_line_length"}

// generatedFiles are what editorconfig-checker leaves out by default, but for
// what is no text.
func generatedFiles() []string {
	return []string{
		"**/*{Cargo,composer,Gemfile,Pipfile,poetry,uv,buf,yarn}.lock", "**/target/**", "**/*go.{mod,sum,work,work.sum}",
		"**/gradle/wrapper/gradle-wrapper.properties", "**/*{gradlew,mvnw}", "**/*gradlew.bat", "**/*mvnw.cmd", "**/*gradle.{lock,lockfile}",
		"**/.mvn/wrapper/{maven-wrapper.properties,MavenWrapperDownloader.java}", "**/node_modules/**",
		"**/*{npm-shrinkwrap,package-lock}.json", "**/*pnpm-lock.yaml", "**/*.terraform.lock.hcl",
		"**/*.pnp.{cjs,js,loader.mjs}", "**/*.yarn/**", "**/*.svg", "**/*.p[bgnp]m", "**/*.{bak,bin,gpg,snap,log,patch}",
		"**/*.{css,js}.map", "**/*min.{css,js}", "**/*~",
	}
}

// editorConfigCheck is the check editorconfig.
type editorConfigCheck struct {
	disabled map[string]bool
	chains   sync.Map // chainKey -> *editorconfig.Chain
}

type chainKey struct {
	repo rule.Repo
	dir  string // "" or ends in a slash
}

func newEditorConfig(with rule.Value) (rule.Check, []rule.Problem) {
	c := &editorConfigCheck{disabled: map[string]bool{}}
	for _, name := range with.Get("disable").Strings() {
		c.disabled[name] = true
	}
	return c, nil
}

// CheckFile reports what differs from the file's properties.
func (c *editorConfigCheck) CheckFile(p *rule.Pass, f *rule.File) {
	chain, err := c.chain(p.Context(), p.Stated(), f.Path[:strings.LastIndexByte(f.Path, '/')+1])
	if err != nil {
		cannot(p, "read "+editorconfig.Name, err)
		return
	}
	if chain == nil || len(f.Bytes()) == 0 {
		return
	}
	is := chain.For(f.Path)
	if firstLine, _ := f.Line(1); strings.Contains(string(firstLine), directive+"disable-file") {
		return
	}
	c.judgeWhole(p, f, &is)
	c.judgeLines(p, f, &is)
}

// chain returns the files that hold for a directory, nil where there is none.
func (c *editorConfigCheck) chain(ctx context.Context, repo rule.Repo, dir string) (*editorconfig.Chain, error) {
	key := chainKey{repo, dir}
	if v, ok := c.chains.Load(key); ok {
		return v.(*editorconfig.Chain), nil
	}
	var up *editorconfig.Chain
	if dir != "" {
		var err error
		if up, err = c.chain(ctx, repo, dir[:strings.LastIndexByte(dir[:len(dir)-1], '/')+1]); err != nil {
			return nil, err
		}
	}
	data, err := rule.ReadPolicy(ctx, repo, dir+editorconfig.Name)
	switch {
	case err == nil:
		up = up.With(editorconfig.Parse(data), dir)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	c.chains.Store(key, up)
	return up, nil
}

// State is a hash of every .editorconfig of the repository: where it changes, so
// may the verdict on a file that did not.
func (c *editorConfigCheck) State(ctx context.Context, repo rule.Repo) (string, error) {
	tree, err := rule.PolicyTree(ctx, repo)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	for i := range tree.Entries() {
		e := &tree.Entries()[i]
		if e.Name() != editorconfig.Name {
			continue
		}
		data, err := rule.ReadPolicy(ctx, repo, e.Path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		sum := sha256.Sum256(data)
		h.Write([]byte(e.Path + "\x00"))
		h.Write(sum[:])
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
