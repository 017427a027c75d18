package io.embeddingoperator.runner.postgres;

import io.embeddingoperator.runner.failure.SpecificationException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.postgresql.PGProperty;

/**
 * The libpq form of a connection URI, turned into the driver's properties. No message shows a part of the value that a
 * password could have slipped into.
 */
final class LibpqUri {
    private static final Pattern HOST = Pattern.compile("[\\p{L}\\p{N}._-]*|\\[[0-9A-Fa-f:.%\\p{L}]+]");
    private static final String ENCODING_ADVICE =
            "percent-encode @ : / ? # and % in user, password and database (@ is %40), and write host:port";

    /** Parameters whose values mean the same to libpq and to the driver. */
    private static final Map<String, PGProperty> SAME = Map.ofEntries(
            Map.entry("user", PGProperty.USER),
            Map.entry("password", PGProperty.PASSWORD),
            Map.entry("dbname", PGProperty.PG_DBNAME),
            Map.entry("application_name", PGProperty.APPLICATION_NAME),
            Map.entry("options", PGProperty.OPTIONS),
            Map.entry("sslmode", PGProperty.SSL_MODE),
            Map.entry("sslcert", PGProperty.SSL_CERT),
            Map.entry("sslkey", PGProperty.SSL_KEY),
            Map.entry("sslpassword", PGProperty.SSL_PASSWORD),
            Map.entry("sslnegotiation", PGProperty.SSL_NEGOTIATION),
            Map.entry("channel_binding", PGProperty.CHANNEL_BINDING),
            Map.entry("require_auth", PGProperty.REQUIRE_AUTH),
            Map.entry("gssencmode", PGProperty.GSS_ENC_MODE),
            Map.entry("krbsrvname", PGProperty.KERBEROS_SERVER_NAME));

    /** Names that libpq knows and this does not, which a message may show: they are no part of a password. */
    private static final Set<String> LIBPQ_NAMES = Set.of(
            "gssdelegation",
            "gsslib",
            "hostaddr",
            "keepalives_count",
            "keepalives_idle",
            "keepalives_interval",
            "passfile",
            "replication",
            "requirepeer",
            "requiressl",
            "service",
            "servicefile",
            "sslcertmode",
            "sslcompression",
            "sslcrl",
            "sslcrldir",
            "sslsni",
            "ssl_max_protocol_version",
            "ssl_min_protocol_version",
            "tcp_user_timeout");

    private final String variable;
    private final String afterScheme;
    private final Map<PGProperty, String> properties = new EnumMap<>(PGProperty.class);
    private boolean namesUserFirst;

    LibpqUri(String variable, String afterScheme) {
        this.variable = variable;
        this.afterScheme = afterScheme;
    }

    /** What the URI says, and nothing else. */
    Map<PGProperty, String> properties() {
        String rest = afterScheme;
        int at = rest.indexOf('@');
        int slash = rest.indexOf('/');
        if (at >= 0 && (slash < 0 || at < slash)) {
            user(rest.substring(0, at));
            rest = rest.substring(at + 1);
        }
        int question = rest.indexOf('?');
        String parameters = question < 0 ? "" : rest.substring(question + 1);
        String path = question < 0 ? rest : rest.substring(0, question);
        slash = path.indexOf('/');
        servers(slash < 0 ? path : path.substring(0, slash));
        if (slash >= 0 && slash + 1 < path.length()) {
            String database = path.substring(slash + 1);
            check(
                    database.indexOf('@') < 0 && database.indexOf('/') < 0,
                    "has @ or / in its database",
                    ENCODING_ADVICE);
            properties.put(PGProperty.PG_DBNAME, decode(database));
        }
        if (!parameters.isEmpty()) {
            for (String parameter : parameters.split("&", -1)) {
                int equals = parameter.indexOf('=');
                check(equals > 0, "has a parameter without =", "write ?name=value&name=value");
                parameter(decode(parameter.substring(0, equals)), decode(parameter.substring(equals + 1)));
            }
        }
        return properties;
    }

    /** Whether a user stands where the form has it, before the {@code @}: else what follows may be a user and its password. */
    boolean namesUserFirst() {
        return namesUserFirst;
    }

    private void user(String text) {
        int colon = text.indexOf(':');
        String user = decode(colon < 0 ? text : text.substring(0, colon));
        if (!user.isEmpty()) {
            properties.put(PGProperty.USER, user);
            namesUserFirst = true;
        }
        if (colon >= 0 && colon + 1 < text.length()) {
            properties.put(PGProperty.PASSWORD, decode(text.substring(colon + 1)));
        }
    }

    private void servers(String text) {
        StringBuilder hosts = new StringBuilder();
        StringBuilder ports = new StringBuilder();
        for (String server : text.split(",", -1)) {
            int bracket = server.lastIndexOf(']');
            int colon = server.indexOf(':', Math.max(0, bracket));
            host(hosts, colon < 0 ? server : server.substring(0, colon));
            port(ports, colon < 0 ? "" : server.substring(colon + 1));
        }
        properties.put(PGProperty.PG_HOST, hosts.toString());
        properties.put(PGProperty.PG_PORT, ports.toString());
    }

    private void host(StringBuilder hosts, String text) {
        String host = decode(text);
        check(!host.startsWith("/"), "names a Unix socket", "name a host; only TCP connections are supported");
        check(HOST.matcher(host).matches(), "has a character in its host that no host name has", ENCODING_ADVICE);
        hosts.append(hosts.isEmpty() ? "" : ",").append(host.isEmpty() ? "localhost" : host);
    }

    private void port(StringBuilder ports, String text) {
        String port = text.isEmpty() ? "5432" : decode(text);
        check(
                port.matches("[0-9]{1,5}") && Integer.parseInt(port) >= 1 && Integer.parseInt(port) <= 65_535,
                "has a port that is not a number from 1 to 65535",
                ENCODING_ADVICE);
        ports.append(ports.isEmpty() ? "" : ",").append(port);
    }

    private void parameter(String name, String value) {
        if (SAME.containsKey(name)) {
            properties.put(SAME.get(name), value);
            return;
        }
        switch (name) {
            case "host" -> {
                StringBuilder hosts = new StringBuilder();
                for (String host : value.split(",", -1)) {
                    host(hosts, host.indexOf(':') >= 0 && !host.startsWith("[") ? "[" + host + "]" : host);
                }
                properties.put(PGProperty.PG_HOST, hosts.toString());
            }
            case "port" -> {
                StringBuilder ports = new StringBuilder();
                for (String port : value.split(",", -1)) {
                    port(ports, port);
                }
                properties.put(PGProperty.PG_PORT, ports.toString());
            }
            case "sslrootcert" -> {
                if (value.equals("system")) {
                    properties.put(PGProperty.SSL_FACTORY, "org.postgresql.ssl.DefaultJavaSSLFactory");
                    properties.putIfAbsent(PGProperty.SSL_MODE, "verify-full");
                } else {
                    properties.put(PGProperty.SSL_ROOT_CERT, value);
                }
            }
            case "connect_timeout" -> {
                check(
                        value.matches("[0-9]{1,6}"),
                        "has a connect_timeout that is no number of seconds from 0 to 999999",
                        "correct it");
                properties.put(PGProperty.CONNECT_TIMEOUT, value);
            }
            case "target_session_attrs" ->
                properties.put(
                        PGProperty.TARGET_SERVER_TYPE,
                        choice(
                                name,
                                value,
                                Map.of(
                                        "any", "any",
                                        "read-write", "primary",
                                        "primary", "primary",
                                        "read-only", "secondary",
                                        "standby", "secondary",
                                        "prefer-standby", "preferSecondary")));
            case "load_balance_hosts" ->
                properties.put(
                        PGProperty.LOAD_BALANCE_HOSTS,
                        choice(name, value, Map.of("disable", "false", "random", "true")));
            case "keepalives" ->
                properties.put(PGProperty.TCP_KEEP_ALIVE, choice(name, value, Map.of("0", "false", "1", "true")));
            case "fallback_application_name" -> properties.putIfAbsent(PGProperty.APPLICATION_NAME, value);
            case "client_encoding" ->
                choice(name, value, Map.of("auto", "UTF8", "UTF8", "UTF8", "UTF-8", "UTF8", "utf8", "UTF8"));
            default ->
                // Where a password holds an & that is not encoded, its rest stands here.
                throw new SpecificationException(
                        "%s has a parameter that is not supported here%s: correct it or leave it out, and write an & of"
                                        .formatted(variable, LIBPQ_NAMES.contains(name) ? " (" + name + ")" : "")
                                + " your own as %26");
        }
    }

    private String choice(String name, String value, Map<String, String> values) {
        String meant = values.getOrDefault(value, "");
        check(
                !meant.isEmpty(),
                "has a value of %s that is none".formatted(name),
                "use one of "
                        + String.join(", ", values.keySet().stream().sorted().toList()));
        return meant;
    }

    private void check(boolean holds, String what, String advice) {
        if (!holds) {
            throw new SpecificationException(variable + " " + what + ": " + advice);
        }
    }

    /** Unlike a form's encoding, a plus sign stays a plus sign. */
    private String decode(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        ByteBuffer decoded = ByteBuffer.allocate(bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] != '%') {
                decoded.put(bytes[i]);
                continue;
            }
            int value = i + 2 < bytes.length
                    ? 16 * Character.digit(bytes[i + 1], 16) + Character.digit(bytes[i + 2], 16)
                    : -1;
            check(
                    value > 0 && Character.digit(bytes[i + 1], 16) >= 0 && Character.digit(bytes[i + 2], 16) >= 0,
                    "has a % that two hexadecimal digits do not follow, or %00",
                    "write a % of your own as %25");
            decoded.put((byte) value);
            i += 2;
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(decoded.flip()).toString();
        } catch (CharacterCodingException e) {
            throw new SpecificationException(variable + " is not UTF-8 once its %XX are decoded: correct them");
        }
    }
}
