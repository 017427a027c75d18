package io.embeddingoperator.cluster.node;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The part of a container's log that a client asks for; the options are those of {@code kubectl logs}.
 *
 * @param previous the log of the start before the newest one
 * @param follow go on until the container ends
 * @param tailLines at most so many lines of what is there already; negative for all
 * @param limitBytes at most so many bytes
 */
record LogRequest(String container, boolean previous, boolean follow, long tailLines, long limitBytes) {
    private static final Set<String> KNOWN = Set.of("previous", "follow", "tailLines", "limitBytes");

    /** @throws IllegalArgumentException for an option that this node has not, with a sentence */
    static LogRequest of(String container, String query) {
        Map<String, String> options = options(query);
        Set<String> unknown = new TreeSet<>(options.keySet());
        unknown.removeAll(KNOWN);
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException(
                    "this node keeps what containers say, and not when they said it: leave out " + unknown);
        }
        return new LogRequest(
                container,
                Boolean.parseBoolean(options.get("previous")),
                Boolean.parseBoolean(options.get("follow")),
                number(options, "tailLines", -1),
                number(options, "limitBytes", Long.MAX_VALUE));
    }

    private static Map<String, String> options(String query) {
        Map<String, String> options = new TreeMap<>();
        for (String option : Optional.ofNullable(query).orElse("").split("&")) {
            String[] parts = option.split("=", 2);
            if (parts.length == 2) {
                options.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
            }
        }
        return options;
    }

    private static long number(Map<String, String> options, String name, long otherwise) {
        return Optional.ofNullable(options.get(name)).map(Long::parseLong).orElse(otherwise);
    }
}
