package org.example.kv;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Locale;

/**
 * kv, a key-value store inside SQLite, for a driver that loads extensions, as sqlite-jdbc does:
 *
 * <pre>
 * SQLiteConfig config = new SQLiteConfig();
 * config.enableLoadExtension(true);
 * Connection db = config.createConnection("jdbc:sqlite:app.db");
 * Kvext.load(db);
 * </pre>
 */
public final class Kvext {
  private static Path library;

  private Kvext() {}

  /** Loads kv on a connection that may load extensions. */
  public static void load(Connection db) throws SQLException {
    try (PreparedStatement statement = db.prepareStatement("SELECT load_extension(?)")) {
      statement.setString(1, loadablePath());
      statement.executeQuery().close();
    }
  }

  /** The path of the library: it is in the jar, and is taken out once, into a folder that goes with this program. */
  public static synchronized String loadablePath() {
    if (library == null) {
      String resource = "/native/" + platform();
      try (InputStream in = Kvext.class.getResourceAsStream(resource)) {
        if (in == null) {
          throw new UnsupportedOperationException("kvext: there is no " + resource + " in this jar");
        }
        Path folder = Files.createTempDirectory("kvext");
        library = folder.resolve(resource.substring(resource.lastIndexOf('/') + 1));
        Files.copy(in, library, StandardCopyOption.REPLACE_EXISTING);
        folder.toFile().deleteOnExit(); // in the end after what is in it: last in, first out
        library.toFile().deleteOnExit();
      } catch (IOException error) {
        library = null;
        throw new UncheckedIOException(error);
      }
    }
    return library.toString();
  }

  private static String platform() {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String processor = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
    if (system.startsWith("mac")) {
      return "darwin-" + processor + "/kv.dylib";
    }
    if (system.startsWith("windows")) {
      return "windows-" + processor + "/kv.dll";
    }
    return "linux-" + processor + (hasMusl() ? "-musl" : "") + "/kv.so";
  }

  private static boolean hasMusl() {
    try {
      return Files.readString(Path.of("/proc/self/maps")).contains("/ld-musl-");
    } catch (IOException error) {
      return false;
    }
  }
}
