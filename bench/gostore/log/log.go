// Package log stands in for the logging module of go-store, of which it uses one function: an error that says where
// it comes from. Module replacement by run.sh.
package log

// E makes an error of an operation, a message and, unless it is nil, what caused it.
func E(operation, message string, cause error) error {
	return &failure{operation, message, cause}
}

type failure struct {
	operation, message string
	cause              error
}

func (f *failure) Error() string {
	text := f.operation + ": " + f.message
	if f.cause != nil {
		text += ": " + f.cause.Error()
	}
	return text
}

func (f *failure) Unwrap() error { return f.cause }
