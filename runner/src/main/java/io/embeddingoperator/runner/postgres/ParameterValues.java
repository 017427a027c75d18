package io.embeddingoperator.runner.postgres;

import io.embeddingoperator.runner.failure.SpecificationException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.postgresql.PGProperty;

/**
 * What the values of a connection's parameters may be. The driver passes over some that it cannot read, and takes others for a
 * server that does not answer. No message shows a value: it may be the rest of a password.
 */
final class ParameterValues {
    private static final Set<PGProperty> NUMBERS = EnumSet.of(
            PGProperty.CANCEL_SIGNAL_TIMEOUT,
            PGProperty.CONNECT_TIMEOUT,
            PGProperty.HOST_RECHECK_SECONDS,
            PGProperty.LOGIN_TIMEOUT,
            PGProperty.PREPARE_THRESHOLD,
            PGProperty.RECEIVE_BUFFER_SIZE,
            PGProperty.SEND_BUFFER_SIZE,
            PGProperty.SOCKET_TIMEOUT,
            PGProperty.SSL_RESPONSE_TIMEOUT);
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,9}");

    private static final Set<PGProperty> SWITCHES = EnumSet.of(
            PGProperty.LOAD_BALANCE_HOSTS, PGProperty.SSL, PGProperty.TCP_KEEP_ALIVE, PGProperty.TCP_NO_DELAY);
    /** A parameter without a value is switched on. */
    private static final Set<String> SWITCH = Set.of("", "true", "false");

    private ParameterValues() {}

    /**
     * Refuses what the driver would not understand.
     *
     * @param variable names the environment variable in messages
     */
    static void check(String variable, Map<PGProperty, String> properties) {
        properties.forEach((property, value) -> check(variable, property, value));
    }

    private static void check(String variable, PGProperty property, String value) {
        if (value.indexOf('\0') >= 0) {
            throw new SpecificationException("%s has a NUL character in it (%%00): leave it out".formatted(variable));
        }
        if (NUMBERS.contains(property)) {
            require(NUMBER.matcher(value).matches(), variable, property, "a whole number");
        } else if (SWITCHES.contains(property)) {
            require(SWITCH.contains(value), variable, property, "true or false");
        } else if (property.getChoices() != null) {
            List<String> choices = List.of(property.getChoices());
            // Of requireAuth there may be several.
            boolean isKnown = property == PGProperty.REQUIRE_AUTH
                    ? Arrays.stream(value.split(",")).map(String::strip).allMatch(choices::contains)
                    : choices.contains(value);
            require(isKnown, variable, property, inWords(choices));
        }
    }

    private static void require(boolean holds, String variable, PGProperty property, String choices) {
        if (!holds) {
            throw new SpecificationException(
                    "%s has a value of %s that is none: use %s".formatted(variable, property.getName(), choices));
        }
    }

    private static String inWords(List<String> choices) {
        int last = choices.size() - 1;
        return String.join(", ", choices.subList(0, last)) + " or " + choices.get(last);
    }
}
