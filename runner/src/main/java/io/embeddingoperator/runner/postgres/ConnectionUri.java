package io.embeddingoperator.runner.postgres;

import io.embeddingoperator.runner.failure.SpecificationException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.postgresql.Driver;
import org.postgresql.PGProperty;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.jdbc.SslMode;

/**
 * Where a database is and how to log in, as read from an environment variable. It holds a password: {@code toString}
 * shows servers, ports and database alone.
 */
public final class ConnectionUri {
    static final String FORMS =
            "write postgresql://user:password@host:port/database or jdbc:postgresql://host:port/database";

    /** A silent server holds a short statement no longer than this; a long one asks for {@link Database#waitFor}. */
    private static final String SOCKET_TIMEOUT_SECONDS = "600";

    private static final Map<PGProperty, String> DEFAULTS = Map.of(
            PGProperty.PG_HOST,
            "localhost",
            PGProperty.USER,
            System.getProperty("user.name"),
            PGProperty.APPLICATION_NAME,
            "embedding-operator",
            PGProperty.TCP_KEEP_ALIVE,
            "true",
            PGProperty.SOCKET_FACTORY,
            KeepAliveSocketFactory.class.getName(),
            PGProperty.SOCKET_TIMEOUT,
            SOCKET_TIMEOUT_SECONDS);

    private final String variable;
    private final Map<PGProperty, String> properties;

    ConnectionUri(String variable, Map<PGProperty, String> properties) {
        this.variable = variable;
        this.properties = Map.copyOf(properties);
    }

    /**
     * Reads the libpq form ({@code postgresql://user:password@host:port/database?sslmode=…}) or the JDBC form. What the
     * value leaves out is as in libpq: localhost, port 5432, the user of the operating system, a database of the user's
     * name, sslmode prefer.
     *
     * @param variable names the environment variable in messages
     * @throws SpecificationException when the value is missing or has another form
     */
    public static ConnectionUri parse(String variable, String value) {
        if (value == null || value.isBlank()) {
            throw new SpecificationException(
                    "%s is %s: %s".formatted(variable, value == null ? "not set" : "empty", FORMS));
        }
        // A secret made with echo ends in a newline.
        String uri = value.strip();
        Map<PGProperty, String> properties;
        if (uri.startsWith("jdbc:")) {
            properties = jdbc(variable, uri);
        } else if (uri.startsWith("postgresql://") || uri.startsWith("postgres://")) {
            properties = new LibpqUri(variable, uri.substring(uri.indexOf("//") + 2)).properties();
        } else {
            throw new SpecificationException(
                    "%s is no PostgreSQL URI (its value is not shown, it may hold a password): %s"
                            .formatted(variable, FORMS));
        }
        DEFAULTS.forEach(properties::putIfAbsent);
        properties.putIfAbsent(PGProperty.PG_DBNAME, properties.get(PGProperty.USER));
        checkSslMode(variable, properties.get(PGProperty.SSL_MODE));
        return new ConnectionUri(variable, properties);
    }

    /** The environment variable that this came from. */
    public String variable() {
        return variable;
    }

    /**
     * The same, where it names several servers without saying which of them is wanted, for the one that takes writes: the first
     * that answers, which is the default, may be a standby.
     */
    public ConnectionUri forWriting() {
        if (!properties.get(PGProperty.PG_HOST).contains(",")
                || properties.containsKey(PGProperty.TARGET_SERVER_TYPE)) {
            return this;
        }
        Map<PGProperty, String> writing = new EnumMap<>(properties);
        writing.put(PGProperty.TARGET_SERVER_TYPE, "primary");
        return new ConnectionUri(variable, writing);
    }

    /** A data source that opens a new connection on every call. */
    public PGSimpleDataSource dataSource() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        properties.forEach(source::setProperty);
        return source;
    }

    String user() {
        return properties.get(PGProperty.USER);
    }

    String database() {
        return properties.get(PGProperty.PG_DBNAME);
    }

    /** {@code host:port}, several joined by commas. */
    String servers() {
        String[] hosts = properties.get(PGProperty.PG_HOST).split(",");
        String[] ports = properties.getOrDefault(PGProperty.PG_PORT, "").split(",");
        List<String> servers = new ArrayList<>();
        for (int i = 0; i < hosts.length; i++) {
            servers.add(hosts[i] + ":" + (i < ports.length && !ports[i].isEmpty() ? ports[i] : "5432"));
        }
        return String.join(",", servers);
    }

    /** {@code host:port/database}. */
    @Override
    public String toString() {
        return servers() + "/" + database();
    }

    private static Map<PGProperty, String> jdbc(String variable, String url) {
        int parameters = url.indexOf('?');
        if ((parameters < 0 ? url : url.substring(0, parameters)).contains("@")) {
            throw new SpecificationException(
                    "%s is a jdbc: URI with an @ before its parameters: write user and password as".formatted(variable)
                            + " parameters (?user=…&password=…), or use the form postgresql://");
        }
        Properties parsed = Driver.parseURL(url, null);
        if (parsed == null) {
            throw new SpecificationException(
                    "%s begins with jdbc: and is no PostgreSQL URI (its value is not shown, it may hold a password): %s"
                            .formatted(variable, FORMS));
        }
        Map<PGProperty, String> properties = new EnumMap<>(PGProperty.class);
        for (String name : parsed.stringPropertyNames()) {
            PGProperty property = PGProperty.forName(name);
            if (property == null) {
                throw new SpecificationException(
                        "%s has the parameter %s, which the PostgreSQL JDBC driver does not know: correct it or leave it out"
                                .formatted(variable, name));
            }
            properties.put(property, parsed.getProperty(name));
        }
        return properties;
    }

    private static void checkSslMode(String variable, String mode) {
        if (mode != null && Arrays.stream(SslMode.values()).noneMatch(known -> known.value.equals(mode))) {
            throw new SpecificationException(
                    "%s has sslmode=%s: use disable, allow, prefer, require, verify-ca or verify-full"
                            .formatted(variable, mode));
        }
    }
}
