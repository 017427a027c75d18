package io.embeddingoperator.runner.postgres;

import io.embeddingoperator.runner.failure.SpecificationException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;
import org.postgresql.ds.PGSimpleDataSource;

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

    /**
     * What a JDBC URI may say. Others load classes, read or write files of the runner's machine, or change how statements
     * are sent, on which it relies that a text from a manifest is one statement in a read-only transaction.
     */
    private static final Set<PGProperty> ALLOWED = EnumSet.of(
            PGProperty.APPLICATION_NAME,
            PGProperty.CANCEL_SIGNAL_TIMEOUT,
            PGProperty.CHANNEL_BINDING,
            PGProperty.CONNECT_TIMEOUT,
            PGProperty.CURRENT_SCHEMA,
            PGProperty.GSS_ENC_MODE,
            PGProperty.HOST_RECHECK_SECONDS,
            PGProperty.KERBEROS_SERVER_NAME,
            PGProperty.LOAD_BALANCE_HOSTS,
            PGProperty.LOGIN_TIMEOUT,
            PGProperty.OPTIONS,
            PGProperty.PASSWORD,
            PGProperty.PG_DBNAME,
            PGProperty.PG_HOST,
            PGProperty.PG_PORT,
            PGProperty.PREPARE_THRESHOLD,
            PGProperty.RECEIVE_BUFFER_SIZE,
            PGProperty.REQUIRE_AUTH,
            PGProperty.SEND_BUFFER_SIZE,
            PGProperty.SOCKET_TIMEOUT,
            PGProperty.SSL,
            PGProperty.SSL_CERT,
            PGProperty.SSL_KEY,
            PGProperty.SSL_MODE,
            PGProperty.SSL_NEGOTIATION,
            PGProperty.SSL_PASSWORD,
            PGProperty.SSL_RESPONSE_TIMEOUT,
            PGProperty.SSL_ROOT_CERT,
            PGProperty.TARGET_SERVER_TYPE,
            PGProperty.TCP_KEEP_ALIVE,
            PGProperty.TCP_NO_DELAY,
            PGProperty.USER);

    /** Names of a machine itself, which no password is mistaken for. */
    private static final Pattern ADDRESS = Pattern.compile("localhost|[0-9.]+|\\[.*]");

    /** Without the characters that separate the parts of a URI of one of the two forms. */
    private static final Pattern PLAIN_NAME = Pattern.compile("[\\p{L}\\p{N}_.@$-]+");

    private final String variable;
    private final Map<PGProperty, String> properties;
    private final boolean namesUser;

    ConnectionUri(String variable, Map<PGProperty, String> properties, boolean namesUser) {
        this.variable = variable;
        this.namesUser = namesUser;
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
    public static ConnectionUri parse(String variable, @Nullable String value) {
        if (value == null || value.isBlank()) {
            throw new SpecificationException(
                    "%s is %s: %s".formatted(variable, value == null ? "not set" : "empty", FORMS));
        }
        // A secret made with echo ends in a newline.
        String uri = value.strip();
        Map<PGProperty, String> properties;
        boolean namesUser;
        if (uri.startsWith("jdbc:")) {
            properties = jdbc(variable, uri);
            namesUser = properties.containsKey(PGProperty.USER);
        } else if (uri.startsWith("postgresql://") || uri.startsWith("postgres://")) {
            LibpqUri parts = new LibpqUri(variable, uri.substring(uri.indexOf("//") + 2));
            properties = parts.properties();
            namesUser = parts.namesUserFirst();
        } else {
            throw new SpecificationException(
                    "%s is no PostgreSQL URI (its value is not shown, it may hold a password): %s"
                            .formatted(variable, FORMS));
        }
        DEFAULTS.forEach(properties::putIfAbsent);
        properties.putIfAbsent(PGProperty.PG_DBNAME, properties.get(PGProperty.USER));
        ParameterValues.check(variable, properties);
        return new ConnectionUri(variable, properties, namesUser);
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
        if (!value(PGProperty.PG_HOST).contains(",") || properties.containsKey(PGProperty.TARGET_SERVER_TYPE)) {
            return this;
        }
        Map<PGProperty, String> writing = new EnumMap<>(properties);
        writing.put(PGProperty.TARGET_SERVER_TYPE, "primary");
        return new ConnectionUri(variable, writing, namesUser);
    }

    /** Whether connections may be to different servers, some of which are behind others. */
    public boolean mayMeetStandbys() {
        return value(PGProperty.PG_HOST).contains(",")
                && !Set.of("primary", "master").contains(properties.getOrDefault(PGProperty.TARGET_SERVER_TYPE, "any"));
    }

    /** A data source that opens a new connection on every call. */
    public PGSimpleDataSource dataSource() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        properties.forEach(source::setProperty);
        return source;
    }

    /** A data source whose connections give up after so many seconds, both when they are opened and when they are asked. */
    PGSimpleDataSource impatientDataSource(int seconds) {
        PGSimpleDataSource source = dataSource();
        source.setLoginTimeout(seconds);
        source.setConnectTimeout(seconds);
        source.setSocketTimeout(seconds);
        return source;
    }

    /** The same, whose sessions bear a name that tells a person whose they are, unless the URI names them itself. */
    public ConnectionUri inTheNameOf(String application) {
        if (!value(PGProperty.APPLICATION_NAME).equals(DEFAULTS.get(PGProperty.APPLICATION_NAME))) {
            return this;
        }
        Map<PGProperty, String> named = new EnumMap<>(properties);
        named.put(PGProperty.APPLICATION_NAME, application);
        return new ConnectionUri(variable, named, namesUser);
    }

    String user() {
        return value(PGProperty.USER);
    }

    /** Of what {@link #parse} gives a value where the URI gives none. */
    private String value(PGProperty property) {
        return Objects.requireNonNull(properties.get(property), property.getName());
    }

    /** Whether the user's name can be shown: one with a separator in it holds what should have come behind that. */
    boolean hasPlainUser() {
        return PLAIN_NAME.matcher(user()).matches();
    }

    /** {@code host:port}, several joined by commas. */
    String servers() {
        String[] hosts = value(PGProperty.PG_HOST).split(",");
        String[] ports = properties.getOrDefault(PGProperty.PG_PORT, "").split(",");
        List<String> servers = new ArrayList<>();
        for (int i = 0; i < hosts.length; i++) {
            servers.add(hosts[i] + ":" + (i < ports.length && !ports[i].isEmpty() ? ports[i] : "5432"));
        }
        return String.join(",", servers);
    }

    /**
     * {@code host:port/database}. Of a URI without a user only an address is shown, and of a database no name with a separator in
     * it: these may be what slipped out of a password.
     */
    @Override
    public String toString() {
        if (namesUser) {
            String database = value(PGProperty.PG_DBNAME);
            return PLAIN_NAME.matcher(database).matches() ? servers() + "/" + database : servers();
        }
        boolean isAddress = Arrays.stream(value(PGProperty.PG_HOST).split(","))
                .allMatch(host -> ADDRESS.matcher(host).matches());
        return isAddress ? servers() : "the server";
    }

    private static Map<PGProperty, String> jdbc(String variable, String url) {
        int parameters = url.indexOf('?');
        if ((parameters < 0 ? url : url.substring(0, parameters)).contains("@")) {
            throw new SpecificationException(
                    "%s is a jdbc: URI with an @ before its parameters: write user and password as".formatted(variable)
                            + " parameters (?user=…&password=…), or use the form postgresql://");
        }
        Map<PGProperty, String> properties = new EnumMap<>(PGProperty.class);
        Properties parsed = parsed(variable, url);
        for (String name : parsed.stringPropertyNames()) {
            PGProperty property = PGProperty.forName(name);
            if (property == null || !ALLOWED.contains(property)) {
                // A name that the driver does not know may be the rest of a password that holds an &.
                throw new SpecificationException(
                        "%s has a parameter that is not supported here%s: correct it or leave it out, and write an & of"
                                        .formatted(variable, property == null ? "" : " (" + property.getName() + ")")
                                + " your own as %26");
            }
            properties.put(property, parsed.getProperty(name));
        }
        return properties;
    }

    private static Properties parsed(String variable, String url) {
        Properties parsed;
        try {
            parsed = Driver.parseURL(url, null);
        } catch (RuntimeException e) {
            parsed = null;
        }
        if (parsed == null) {
            throw new SpecificationException(
                    "%s begins with jdbc: and is no PostgreSQL URI (its value is not shown, it may hold a password): %s"
                            .formatted(variable, FORMS));
        }
        return parsed;
    }
}
