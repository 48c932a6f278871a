package main

import (
	"time"

	store "dappco.re/go/core/store"
)

type goStore struct {
	whole  *store.Store
	scoped *store.ScopedStore
}

// go-store opens its file in WAL mode and leaves synchronous at FULL; its driver takes a pragma in the path.
func openGoStore(path string) (*goStore, error) {
	if path != ":memory:" {
		path += "?_pragma=synchronous(NORMAL)"
	}
	whole, err := store.New(path)
	if err != nil {
		return nil, err
	}
	scoped, err := store.NewScoped(whole, "t")
	return &goStore{whole, scoped}, err
}

func (s *goStore) limit() (err error) {
	quota := store.QuotaConfig{MaxKeys: 100000000, MaxGroups: 1000}
	s.scoped, err = store.NewScopedWithQuota(s.whole, "t", quota)
	return err
}

func (s *goStore) get(group, key string) error {
	_, err := s.scoped.Get(group, key)
	return err
}

func (s *goStore) set(group, key, value string) error { return s.scoped.Set(group, key, value) }

func (s *goStore) setTTL(group, key, value string) error {
	return s.scoped.SetWithTTL(group, key, value, time.Hour)
}

func (s *goStore) count(group string) error {
	_, err := s.scoped.Count(group)
	return err
}

func (s *goStore) listGroups() error {
	_, err := s.whole.Groups("t:")
	return err
}

func (s *goStore) getAll(group string) error {
	_, err := s.scoped.GetAll(group)
	return err
}

func (s *goStore) render(group string) error {
	_, err := s.scoped.Render(fields, group)
	return err
}

func (s *goStore) close() error { return s.whole.Close() }
