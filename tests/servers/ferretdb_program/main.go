// A FerretDB with its SQLite backend, for the tests that want a real server: `ferretdb ADDRESS FOLDER`.
//
// FerretDB's own program wants a version file that its module does not have; its embeddable package does not.
package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer cancel()
	server, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{TCP: os.Args[1]},
		Logger:    slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})),
		Handler:   "sqlite",
		SQLiteURL: "file:" + os.Args[2] + "/",
	})
	if err == nil {
		err = server.Run(stop)
	}
	if err != nil {
		slog.Error("FerretDB ended", "error", err)
		os.Exit(1)
	}
}
