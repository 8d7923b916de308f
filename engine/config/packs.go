package config

import (
	"embed"
	"strings"
)

// packPrefix starts the name of every embedded pack.
const packPrefix = "sot:"

//go:embed packs/*.yaml
var packs embed.FS

// Packs returns the names of the embedded packs, sorted.
func Packs() []string {
	entries, err := packs.ReadDir("packs")
	if err != nil {
		return nil // the folder is embedded: cannot be
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, packPrefix+strings.TrimSuffix(e.Name(), ".yaml"))
	}
	return names
}

// Pack returns an embedded pack by its name, such as "sot:recommended".
func Pack(name string) ([]byte, bool) {
	short, ok := strings.CutPrefix(name, packPrefix)
	if !ok || strings.ContainsAny(short, "/\\") {
		return nil, false
	}
	data, err := packs.ReadFile("packs/" + short + ".yaml")
	return data, err == nil
}
