package hook

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// holdSignals keeps the signals that would end the process from doing so, until
// the function that it returns is called. One that came meanwhile is then sent
// again, but where somebody else listened for it and has ended ctx.
func holdSignals(ctx context.Context) (release func()) {
	came := make(chan os.Signal, 8)
	signal.Notify(came, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	return func() {
		signal.Stop(came)
		select {
		case s := <-came:
			if p, err := os.FindProcess(os.Getpid()); err == nil && (ctx.Err() == nil || s == syscall.SIGHUP) {
				_ = p.Signal(s) // Windows cannot, and ends processes in another way
			}
		default:
		}
	}
}
