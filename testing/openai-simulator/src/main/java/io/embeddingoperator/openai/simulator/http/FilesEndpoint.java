package io.embeddingoperator.openai.simulator.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.embeddingoperator.openai.simulator.Profile;
import io.embeddingoperator.openai.simulator.account.Account;
import io.embeddingoperator.openai.simulator.error.ApiError;
import io.embeddingoperator.openai.simulator.error.ApiException;
import io.embeddingoperator.openai.simulator.file.ContentOnDisk;
import io.embeddingoperator.openai.simulator.file.StoredFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** The endpoints under /v1/files. */
final class FilesEndpoint {
    private static final long MAX_BYTES = 512L * 1024 * 1024;
    private static final Duration KEPT = Duration.ofDays(30);
    private static final int MOST_LISTED = 10_000;
    private static final Set<String> FIELDS = Set.of("purpose", "expires_after[anchor]", "expires_after[seconds]");

    private final Simulation simulation;

    /** The names of files that Gemini awaits, by the id of their upload. */
    private final Map<String, String> announced = new ConcurrentHashMap<>();

    FilesEndpoint(Simulation simulation) {
        this.simulation = simulation;
    }

    /** Gemini's announcement of a file. */
    Reply begin(Exchange exchange) throws IOException {
        simulation.account(exchange.request());
        String id = UUID.randomUUID().toString();
        announced.put(id, GeminiForm.announced(exchange, Reply.JSON.readTree(exchange.body())));
        return Reply.json(200, Reply.JSON.createObjectNode())
                .with(Map.of(
                        "x-goog-upload-url", GeminiForm.uploadUrl(exchange, id), "x-goog-upload-status", "active"));
    }

    /** What the announced file is like as a form. */
    private Upload announced(Exchange exchange) throws IOException {
        GeminiForm.header(exchange, "x-goog-upload-offset", "0");
        GeminiForm.header(exchange, "x-goog-upload-command", "upload, finalize");
        String name = announced.remove(exchange.request().getParam(GeminiForm.UPLOAD_ID, ""));
        if (name == null) {
            exchange.violations().accept("the upload was not announced");
            throw new ApiException(ApiError.notFound("Upload not found.", null, null));
        }
        Path path = simulation.folder().resolve("upload-" + UUID.randomUUID());
        return new Upload(Map.of("purpose", StoredFile.BATCH), Optional.of(Files.write(path, exchange.body())), name);
    }

    Reply upload(Exchange exchange) throws IOException {
        Account account = simulation.account(exchange.request());
        if (simulation.settings().profile() == Profile.GEMINI) {
            ObjectNode reply = Reply.JSON.createObjectNode();
            reply.set("file", told(keep(exchange, account, announced(exchange))));
            return Reply.json(200, reply).with(Map.of("x-goog-upload-status", "final"));
        }
        Upload upload = exchange.upload().orElseThrow(() -> {
            exchange.violations().accept("the upload is no multipart/form-data");
            return new ApiException(ApiError.invalid("Could not parse multipart form"));
        });
        try {
            return Reply.json(200, told(keep(exchange, account, upload)));
        } catch (ApiException e) {
            upload.discard();
            throw e;
        }
    }

    private StoredFile keep(Exchange exchange, Account account, Upload upload) throws IOException {
        upload.fields().keySet().stream()
                .filter(name -> !FIELDS.contains(name))
                .findFirst()
                .ifPresent(name -> {
                    exchange.violations().accept("the upload has the unknown field " + name);
                    throw new ApiException(
                            ApiError.invalid("Unknown parameter: '" + name + "'.", name, "unknown_parameter"));
                });
        String purpose = upload.fields().getOrDefault("purpose", "");
        if (!purpose.equals(StoredFile.BATCH)) {
            exchange.violations().accept("the purpose of the upload is '" + purpose + "', not batch");
            throw new ApiException(
                    ApiError.invalid("'" + purpose + "' is not one of ['batch'] - 'purpose'", "purpose", null));
        }
        Path path = upload.file().orElseThrow(() -> {
            exchange.violations().accept("the upload has no part named file");
            return new ApiException(ApiError.invalid("'file' is a required property", "file", null));
        });
        if (!upload.filename().endsWith(".jsonl")) {
            exchange.violations()
                    .accept("the uploaded file is named " + upload.filename() + ", which does not end in .jsonl");
            throw new ApiException(ApiError.invalid(
                    "Invalid file format for Batch API. Must be .jsonl", "file", "invalid_file_format"));
        }
        if (Files.size(path) > MAX_BYTES) {
            exchange.violations().accept("the uploaded file is larger than 512 MB");
            throw new ApiException(
                    new ApiError(413, "Maximum content size limit (536870912) exceeded", "server_error", null, null));
        }
        Instant now = simulation.now();
        StoredFile file = new StoredFile(
                Ids.file(),
                account.organization(),
                upload.filename(),
                purpose,
                now,
                now.plus(expiry(exchange, upload.fields())),
                ContentOnDisk.of(path));
        simulation.files().add(file);
        return file;
    }

    private static Duration expiry(Exchange exchange, Map<String, String> fields) {
        String seconds = fields.get("expires_after[seconds]");
        if (seconds == null && !fields.containsKey("expires_after[anchor]")) {
            return KEPT;
        }
        if (seconds == null
                || !seconds.matches("\\d{4,7}")
                || !"created_at".equals(fields.get("expires_after[anchor]"))) {
            exchange.violations().accept("expires_after needs the anchor created_at and seconds from 3600 to 2592000");
            throw new ApiException(ApiError.invalid("Invalid 'expires_after'.", "expires_after", "invalid_value"));
        }
        return Duration.ofSeconds(Long.parseLong(seconds));
    }

    Reply list(Exchange exchange) {
        Account account = simulation.account(exchange.request());
        String purpose = exchange.request().getParam("purpose");
        boolean ascending = "asc".equals(exchange.request().getParam("order"));
        simulation.batches().pass(simulation.now());
        List<StoredFile> files = simulation.files().all(simulation.now()).stream()
                .filter(file -> file.organization().equals(account.organization()))
                .filter(file -> purpose == null || file.purpose().equals(purpose))
                .toList();
        List<ObjectNode> json =
                (ascending ? files : files.reversed()).stream().map(this::told).toList();
        return Reply.json(200, simulation.page(exchange, json, Set.of("purpose", "order"), MOST_LISTED, MOST_LISTED));
    }

    Reply get(Exchange exchange) {
        return Reply.json(200, told(find(exchange)));
    }

    Reply delete(Exchange exchange) {
        StoredFile file = find(exchange);
        simulation.files().delete(file.organization(), file.id(), simulation.now());
        if (simulation.settings().profile() == Profile.GEMINI) {
            return Reply.json(200, Reply.JSON.createObjectNode());
        }
        return Reply.json(
                200,
                Reply.JSON
                        .createObjectNode()
                        .put("object", "file")
                        .put("deleted", true)
                        .put("id", file.id()));
    }

    Reply content(Exchange exchange) {
        StoredFile file = find(exchange);
        return Reply.of(
                200,
                "application/octet-stream",
                new Reply.Body(file.content().length(), out -> file.content().writeTo(out)));
    }

    private ObjectNode told(StoredFile file) {
        if (simulation.settings().profile() == Profile.GEMINI) {
            return GeminiForm.file(file);
        }
        return simulation.isPending(file) ? file.json().put("status", "pending") : file.json();
    }

    private StoredFile find(Exchange exchange) {
        Account account = simulation.account(exchange.request());
        simulation.batches().pass(simulation.now());
        String id = exchange.route().name();
        return simulation
                .files()
                .find(account.organization(), id, simulation.now())
                .orElseThrow(() -> simulation.settings().profile() == Profile.GEMINI
                        ? GeminiForm.missing(id)
                        : new ApiException(ApiError.notFound("No such File object: " + id, "id", null)));
    }
}
