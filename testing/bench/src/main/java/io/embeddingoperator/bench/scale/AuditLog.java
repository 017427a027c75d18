package io.embeddingoperator.bench.scale;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What one user has asked of the API server, as the API server wrote it down. */
final class AuditLog {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;

    AuditLog(Path file) {
        this.file = file;
    }

    /** A policy that writes down the requests of this user alone, each once, when it is answered. */
    static String policyFor(String user) {
        return """
                apiVersion: audit.k8s.io/v1
                kind: Policy
                omitStages: [RequestReceived, ResponseStarted]
                rules:
                  - {level: Metadata, users: ["%s"]}
                  - {level: None}
                """.formatted(user);
    }

    /** Every request that was answered in this time, with success or not; a watch counts when it ends. */
    List<Request> between(Instant from, Instant to) {
        List<Request> requests = new ArrayList<>();
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                // The server may be in the middle of its last line.
                if (line.endsWith("}")) {
                    Request request = Request.of(JSON.readTree(line));
                    if (!request.at().isBefore(from) && request.at().isBefore(to)) {
                        requests.add(request);
                    }
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(file + " cannot be read: " + e.getMessage(), e);
        }
        return requests;
    }

    /**
     * A request.
     *
     * @param at when it was answered
     * @param kind verb and resource, such as {@code patch embeddingjobs/status}
     * @param code of the answer
     */
    record Request(Instant at, String kind, int code) {
        private static Request of(JsonNode event) {
            JsonNode object = event.path("objectRef");
            String subresource = object.path("subresource").asText();
            return new Request(
                    Instant.parse(event.path("stageTimestamp").asText()),
                    "%s %s%s"
                            .formatted(
                                    event.path("verb").asText(),
                                    object.path("resource").asText(),
                                    subresource.isEmpty() ? "" : "/" + subresource),
                    event.path("responseStatus").path("code").asInt());
        }

        boolean isOfTheLease() {
            return kind.endsWith(" leases");
        }

        boolean failed() {
            return code >= 400;
        }
    }

    /** How many there are of each kind, the most frequent first. */
    static Map<String, Long> byKind(List<Request> requests) {
        return requests.stream()
                .collect(Collectors.groupingBy(Request::kind, Collectors.counting()))
                .entrySet()
                .stream()
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (one, _) -> one, LinkedHashMap::new));
    }

    /** Those of one kind. */
    static long count(List<Request> requests, String kind) {
        return byKind(requests).getOrDefault(kind, 0L);
    }

    /** Without those that keep the lease, which come by the clock and not by the job. */
    static List<Request> ofJobs(List<Request> requests) {
        return requests.stream().filter(request -> !request.isOfTheLease()).toList();
    }

    /** How many answers there are of each code that says no. */
    static Map<Integer, Long> failures(List<Request> requests) {
        return requests.stream()
                .filter(Request::failed)
                .map(Request::code)
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
    }
}
