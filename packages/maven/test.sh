#!/bin/bash
# The jar beside sqlite-jdbc:  packages/maven/test.sh BUILD

set -u
. "$(dirname "$0")/../common.sh" "$1"
needs mvn maven
needs java default-jdk
[[ -f $output/maven/kvext-$version.jar ]] || skip 'there is no jar'
work=$build/maven-test
mkdir -p "$work"
cp "$root/test/hosts/java/pom.xml" "$work"
cd "$work" || exit 1
[[ -d lib ]] || mvn -q -B dependency:copy-dependencies -DoutputDirectory=lib >log 2>&1 || skip "$(tail -n 1 log)"
cat >Use.java <<'EOF'
import java.sql.Connection;
import java.sql.ResultSet;
import org.example.kv.Kvext;
import org.sqlite.SQLiteConfig;

public class Use {
  public static void main(String[] arguments) throws Exception {
    SQLiteConfig config = new SQLiteConfig();
    config.enableLoadExtension(true);
    for (int i = 0; i < 2; i++) {
      try (Connection db = config.createConnection("jdbc:sqlite::memory:")) {
        Kvext.load(db);
        try (ResultSet row = db.createStatement().executeQuery("SELECT kv_version() || kv_set('a', 'b', 'c')")) {
          System.out.println(row.getString(1));
        }
      }
    }
  }
}
EOF
check 'it runs, on each connection' "${version}c
${version}c" "$(java -cp "lib/*:$output/maven/kvext-$version.jar" -Djava.io.tmpdir="$work" Use.java 2>&1)"
check 'and leaves nothing behind' '' "$(find . -name 'kvext*')"
check 'it has all libraries' "$(targets 5 | awk '{ sub(/.*\//, "", $3); print $1 "/" $3 }' | sort)" \
  "$(unzip -l "$output/maven/kvext-$version.jar" | sed -n 's,^.* native/\(.*/kv\..*\),\1,p' | sort)"
finish
