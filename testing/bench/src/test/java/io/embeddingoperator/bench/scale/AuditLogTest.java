package io.embeddingoperator.bench.scale;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.bench.scale.AuditLog.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditLogTest {
    private static final Instant NOON = Instant.parse("2026-11-26T12:00:00Z");

    @TempDir
    private Path folder;

    @Test
    void requestsAreToldApartByVerbAndResource() throws IOException {
        AuditLog log = log(
                event("create", "jobs", "", 201, "12:00:01"),
                event("patch", "embeddingjobs", "status", 200, "12:00:02"),
                event("patch", "embeddingjobs", "status", 409, "12:00:03"),
                event("patch", "leases", "", 200, "12:00:04"));

        List<Request> requests = log.between(NOON, NOON.plusSeconds(60));

        assertThat(AuditLog.byKind(requests))
                .isEqualTo(Map.of("create jobs", 1L, "patch embeddingjobs/status", 2L, "patch leases", 1L));
        assertThat(AuditLog.ofJobs(requests)).hasSize(3);
        assertThat(AuditLog.failures(requests)).isEqualTo(Map.of(409, 1L));
    }

    @Test
    void onlyATimeIsLookedAtAndALineThatIsBeingWrittenIsNone() throws IOException {
        AuditLog log = log(
                event("create", "jobs", "", 201, "11:59:59"),
                event("create", "pods", "", 201, "12:00:00"),
                event("create", "events", "", 201, "12:00:05"),
                "{\"verb\":\"crea");

        assertThat(AuditLog.byKind(log.between(NOON, NOON.plusSeconds(5)))).isEqualTo(Map.of("create pods", 1L));
    }

    private AuditLog log(String... lines) throws IOException {
        return new AuditLog(Files.write(folder.resolve("audit.log"), List.of(lines)));
    }

    private static String event(String verb, String resource, String subresource, int code, String time) {
        return """
                {"verb":"%s","objectRef":{"resource":"%s","subresource":"%s"},"responseStatus":{"code":%d},\
                "stageTimestamp":"2026-11-26T%s.000000Z"}""".formatted(verb, resource, subresource, code, time);
    }
}
