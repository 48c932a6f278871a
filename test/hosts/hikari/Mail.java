// java -cp 'lib/*' Mail.java app.db build/kv [writes]
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

public class Mail {
  public static void main(String[] arguments) throws SQLException {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl("jdbc:sqlite:" + arguments[0]);
    config.addDataSourceProperty("enable_load_extension", "true");
    config.setConnectionInitSql("SELECT load_extension('" + arguments[1].replace("'", "''") + "')");
    config.setMaximumPoolSize(2);
    try (HikariDataSource pool = new HikariDataSource(config)) {
      if (arguments.length > 2) {
        writes(pool);
      } else {
        mail(pool);
      }
    }
  }

  private static void mail(HikariDataSource pool) throws SQLException {
    try (Connection db = pool.getConnection()) {
      call(db, "SELECT kv_set('mail', 'host', ?)", "smtp.example.com");
      call(db, "SELECT kv_set('mail', 'port', ?)", 587);
    }
    try (Connection db = pool.getConnection()) {
      System.out.println(call(db, "SELECT kv_get('mail', 'host')"));
      try (ResultSet rows = db.createStatement().executeQuery("SELECT key, value FROM kv_entries('mail')")) {
        while (rows.next()) {
          System.out.println(rows.getString("key") + "=" + rows.getString("value"));
        }
      }
      System.out.println(call(db, "SELECT kv_render('{{ .host }}:{{ .port }}', 'mail')"));
      try {
        call(db, "SELECT kv_require('mail', 'user')");
      } catch (SQLException error) {
        System.out.println(error.getMessage());
      }
    }
  }

  // What a rollback takes back.
  private static void writes(HikariDataSource pool) throws SQLException {
    for (String sql : new String[] {
        "SELECT kv_set('t', 'k', 'kept')", "INSERT INTO kv_entries(grp, key, value) VALUES ('t', 'k', 'kept')",
        "INSERT INTO kv_call(name, a1, a2, a3) VALUES ('set', 't', 'k', 'kept')"}) {
      try (Connection db = pool.getConnection()) {
        db.setAutoCommit(false);
        try (PreparedStatement statement = db.prepareStatement(sql)) {
          statement.execute();
        }
        db.rollback();
      }
      try (Connection db = pool.getConnection()) {
        Object left = call(db, "SELECT kv_getdel('t', 'k')");
        System.out.println(sql.replaceAll("[('].*", "") + ", with setAutoCommit(false): " + (left == null ? "nothing" : left));
      }
    }
  }

  private static Object call(Connection db, String sql, Object... values) throws SQLException {
    try (PreparedStatement statement = db.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        statement.setObject(i + 1, values[i]);
      }
      try (ResultSet row = statement.executeQuery()) {
        return row.getObject(1);
      }
    }
  }
}
