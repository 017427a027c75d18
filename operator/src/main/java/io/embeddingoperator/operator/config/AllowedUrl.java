package io.embeddingoperator.operator.config;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An address outside of the pod that manifests may name: {@code *} for every one, or scheme, host, port and the beginning of a
 * path. A host that begins with {@code *.} stands for every host below it.
 *
 * <p>Only URLs of a plain form match: no user, no query, no escapes, no way upwards in the path. Two programs cannot read such a
 * URL in two ways.
 */
public record AllowedUrl(String text) {
    private static final String EVERY = "*";

    private static final Pattern PLAIN = Pattern.compile(
            "(?<scheme>https?)://(?<host>[A-Za-z0-9.-]+|\\[[0-9A-Fa-f:.]+])(:(?<port>[0-9]{1,5}))?(?<path>(/[A-Za-z0-9._~-]*)*)");

    private static final Pattern ENTRY = Pattern.compile("(?<scheme>https?)://(?<any>\\*\\.)?(?<rest>.*)");

    public AllowedUrl {
        if (!isOne(text)) {
            throw new IllegalArgumentException(
                    "\"%s\" allows no URL: use scheme://host, with a port and a path where they matter, or *"
                            .formatted(text));
        }
    }

    static boolean isOne(String text) {
        Matcher entry = ENTRY.matcher(text);
        return text.equals(EVERY) || entry.matches() && isPlain(entry.group("scheme") + "://" + entry.group("rest"));
    }

    public boolean allows(String url) {
        if (text.equals(EVERY)) {
            return true;
        }
        Matcher entry = ENTRY.matcher(text);
        if (!entry.matches() || !isPlain(url)) {
            return false;
        }
        Matcher allowed = parts(entry.group("scheme") + "://" + entry.group("rest"));
        Matcher asked = parts(url);
        return allowed.group("scheme").equals(asked.group("scheme"))
                && isHost(host(asked), host(allowed), entry.group("any") != null)
                && port(asked) == port(allowed)
                && isBelow(asked.group("path"), allowed.group("path"));
    }

    private static boolean isPlain(String url) {
        Matcher parts = PLAIN.matcher(url);
        return parts.matches() && !(parts.group("path") + "/").matches(".*/\\.\\.?/.*");
    }

    private static Matcher parts(String plain) {
        Matcher parts = PLAIN.matcher(plain);
        parts.matches();
        return parts;
    }

    private static boolean isHost(String asked, String allowed, boolean below) {
        return below ? asked.endsWith("." + allowed) : asked.equals(allowed);
    }

    private static String host(Matcher parts) {
        return parts.group("host").toLowerCase(Locale.ROOT);
    }

    private static int port(Matcher parts) {
        if (parts.group("port") != null) {
            return Integer.parseInt(parts.group("port"));
        }
        return parts.group("scheme").equals("https") ? 443 : 80;
    }

    private static boolean isBelow(String asked, String allowed) {
        String folder = allowed.replaceFirst("/+$", "");
        return asked.equals(folder) || asked.startsWith(folder + "/");
    }
}
