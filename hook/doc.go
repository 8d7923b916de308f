// Package hook runs sot as a git hook, and puts it there.
//
// Run is what the hooks pre-commit, pre-push and commit-msg call. It works out
// what git is about to do, and hands that to the engine:
//
//	pre-commit  what the commit will change, as the index has it
//	pre-push    what the pushed commits change beside what the remote has
//	commit-msg  the message, as git will clean it
//
// Nothing is stashed or checked out: the engine reads git's objects. Called by
// pre-commit or prek (Options.Framework) it reads what those say in the
// environment.
//
// Install and Uninstall write and remove the shims in git's hooks folder. The
// invariants:
//   - a hook that is not ours is never deleted: it is kept under another name,
//     runs first, its exit code counts, and uninstalling brings it back;
//   - a shim is replaced in one step, so that there is no moment without a hook;
//   - a folder that other repositories use too is not written to unasked.
package hook
