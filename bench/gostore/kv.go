package main

import (
	"database/sql"
	"fmt"

	"github.com/mattn/go-sqlite3"
)

// kv on one connection, its statements prepared once, as one who cares for speed keeps them.
type kvStore struct {
	db         *sql.DB
	statements map[string]*sql.Stmt
}

var opened int

func openKV(path, library string) (*kvStore, error) {
	opened++
	driver := fmt.Sprintf("kv-%d", opened)
	sql.Register(driver, &sqlite3.SQLiteDriver{Extensions: []string{library}})
	db, err := sql.Open(driver, path)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	_, err = db.Exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
	return &kvStore{db, map[string]*sql.Stmt{}}, err
}

func (s *kvStore) prepared(text string) (*sql.Stmt, error) {
	if statement := s.statements[text]; statement != nil {
		return statement, nil
	}
	statement, err := s.db.Prepare(text)
	s.statements[text] = statement
	return statement, err
}

// Runs the statement for its one answer.
func (s *kvStore) ask(answer any, text string, arguments ...any) error {
	statement, err := s.prepared(text)
	if err != nil {
		return err
	}
	return statement.QueryRow(arguments...).Scan(answer)
}

func (s *kvStore) get(group, key string) error {
	var value string
	return s.ask(&value, "SELECT kv_get(?, ?)", "t:"+group, key)
}

func (s *kvStore) set(group, key, value string) error {
	var answer string
	return s.ask(&answer, "SELECT kv_set(?, ?, ?)", "t:"+group, key, value)
}

func (s *kvStore) limit() error {
	var answer any
	return s.ask(&answer, "SELECT kv_quota('t', 100000000, 1000)")
}

func (s *kvStore) setTTL(group, key, value string) error {
	var answer string
	return s.ask(&answer, "SELECT kv_set(?, ?, ?, 3600)", "t:"+group, key, value)
}

func (s *kvStore) count(group string) error {
	var count int
	return s.ask(&count, "SELECT kv_count(?)", "t:"+group)
}

func (s *kvStore) render(group string) error {
	var text string
	return s.ask(&text, "SELECT kv_render(?, ?)", fields, "t:"+group)
}

func (s *kvStore) listGroups() error {
	var groups []string
	return s.rows("SELECT name FROM kv_groups('t:')", func(rows *sql.Rows) error {
		var group string
		err := rows.Scan(&group)
		groups = append(groups, group)
		return err
	})
}

func (s *kvStore) getAll(group string) error {
	all := make(map[string]string)
	return s.rows("SELECT key, value FROM kv_entries(?)", func(rows *sql.Rows) error {
		var key, value string
		err := rows.Scan(&key, &value)
		all[key] = value
		return err
	}, "t:"+group)
}

func (s *kvStore) rows(text string, each func(rows *sql.Rows) error, arguments ...any) error {
	statement, err := s.prepared(text)
	if err != nil {
		return err
	}
	rows, err := statement.Query(arguments...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (s *kvStore) close() error {
	for _, statement := range s.statements {
		statement.Close()
	}
	return s.db.Close()
}

// The 110,000 keys of the store, put into a file by plain SQL, whoever made it.
func fill(path string) error {
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		return err
	}
	defer db.Close()
	for _, group := range []struct {
		count, members int
		name           string
	}{{groups, members, "t:g%02d"}, {1, 10000, "t:fields"}} {
		_, err = db.Exec(`
			WITH RECURSIVE g(j) AS (SELECT 0 UNION ALL SELECT j + 1 FROM g WHERE j + 1 < ?1),
			  k(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM k WHERE i + 1 < ?2)
			INSERT OR REPLACE INTO kv(grp, key, value)
			SELECT printf(?3, j), printf('key-%08d', i), 'a value of some length' FROM g, k`,
			group.count, group.members, group.name)
		if err != nil {
			return err
		}
	}
	_, err = db.Exec(`INSERT OR REPLACE INTO kv(grp, key, value)
		VALUES ('t:fields', 'host', 'smtp.example.com'), ('t:fields', 'port', '587'), ('t:fields', 'user', 'ann')`)
	return err
}
