// java -cp sqlite-jdbc.jar:slf4j-api.jar Mail.java app.db build/kv
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.sqlite.Function;
import org.sqlite.SQLiteConfig;

public class Mail {
  static class Changed extends Function {
    @Override
    protected void xFunc() throws SQLException {
      System.out.printf("%s %s/%s%n", value_text(0), value_text(1), value_text(2));
      result();
    }
  }

  public static void main(String[] arguments) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.enableLoadExtension(true);
    try (Connection db = config.createConnection("jdbc:sqlite:" + arguments[0])) {
      call(db, "SELECT load_extension(?)", arguments[1]);
      Function.create(db, "changed", new Changed());
      call(db, "SELECT kv_on_change('changed')");

      call(db, "SELECT kv_set('mail', 'host', ?)", "smtp.example.com");
      call(db, "SELECT kv_set('mail', 'port', ?)", 587);
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
