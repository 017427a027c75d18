package io.embeddingoperator.runner.embed.openai.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.embeddingoperator.runner.embed.openai.http.OpenAiException;
import io.embeddingoperator.runner.embed.openai.http.OpenAiFailure;
import io.embeddingoperator.runner.embed.openai.http.OpenAiHttp;
import io.embeddingoperator.runner.embed.openai.http.OpenAiReply;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;

/** Files and batches of the provider. Nothing is tried twice here: who calls knows what a lost reply means. */
public final class BatchApi {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int METADATA_CHARACTERS = 512;
    private static final int FILES_A_PAGE = 1_000;
    private static final int BATCHES_A_PAGE = 100;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int GONE = 410;

    private final OpenAiHttp http;
    private final BatchForm form;
    private final String job;

    /** @param job that the provider's own pages show with each batch */
    public BatchApi(OpenAiHttp http, BatchForm form, String job) {
        this.http = http;
        this.form = form;
        this.job = job.length() <= METADATA_CHARACTERS ? job : job.substring(0, METADATA_CHARACTERS);
    }

    /** Uploads a file and gives its id. */
    public String upload(Path file, String name) throws OpenAiException, InterruptedException {
        return checked(
                form.file(read("POST /files", form.upload(http, file, name))).id());
    }

    /** All files of this name: none, or one, or several where an upload whose reply was lost was repeated. */
    public List<StoredFile> filesNamed(String name) throws OpenAiException, InterruptedException {
        List<StoredFile> found = new ArrayList<>();
        list(form.files(), FILES_A_PAGE, json -> {
            StoredFile file = form.file(json);
            if (file.name().equals(name)) {
                found.add(file);
            }
        });
        return found;
    }

    /** Hands a file in. */
    public ProviderBatch create(String fileId, String batch, int attempt) throws OpenAiException, InterruptedException {
        ObjectNode order = form.order(
                fileId,
                Map.of(
                        ProviderBatch.BATCH,
                        batch,
                        ProviderBatch.ATTEMPT,
                        Integer.toString(attempt),
                        ProviderBatch.JOB,
                        job));
        byte[] body = order.toString().getBytes(StandardCharsets.UTF_8);
        return batch("POST " + form.creation(), http.post(form.creation(), body));
    }

    /**
     * The batches that creations of this batch made: none, or several where some failed or a reply was lost.
     *
     * @param inputFile which no other batch has: proxies do not all keep metadata
     */
    public List<ProviderBatch> batchesOf(String batch, Optional<String> inputFile)
            throws OpenAiException, InterruptedException {
        List<ProviderBatch> found = new ArrayList<>();
        list(form.path() + "?", BATCHES_A_PAGE, json -> {
            ProviderBatch one = form.batch(json);
            boolean sameFile = inputFile.isPresent() && inputFile.equals(one.inputFileId());
            if (sameFile || batch.equals(one.metadata().get(ProviderBatch.BATCH))) {
                found.add(one);
            }
        });
        return found;
    }

    /** Empty where the provider does not know it. */
    public Optional<ProviderBatch> get(String id) throws OpenAiException, InterruptedException {
        try {
            return Optional.of(batch("GET " + form.path(), http.get(form.batch(encoded(id)))));
        } catch (OpenAiException e) {
            return notFound(e);
        }
    }

    /** Tells the provider to stop; does nothing where the batch is over or gone. */
    public void cancel(String id) throws OpenAiException, InterruptedException {
        try {
            http.post(form.cancellation(encoded(id)), new byte[] {'{', '}'});
        } catch (OpenAiException e) {
            switch (e.failure()) {
                // The batch is over, or is being cancelled already.
                case OpenAiFailure.BadRequest _, OpenAiFailure.NotFound _ -> {}
                default -> throw e;
            }
        }
    }

    /** Deletes a file; does nothing where it is gone. */
    public void deleteFile(String id) throws OpenAiException, InterruptedException {
        try {
            http.delete(form.file(encoded(id)));
        } catch (OpenAiException e) {
            if (!(e.failure() instanceof OpenAiFailure.NotFound)) {
                throw e;
            }
        }
    }

    /** What the provider says of a file; empty where it does not find it. */
    public Optional<StoredFile> file(String id) throws OpenAiException, InterruptedException {
        try {
            return Optional.of(form.file(read("GET /files", http.get(form.file(encoded(id))))));
        } catch (OpenAiException e) {
            return notFound(e);
        }
    }

    /** Whether the provider is still busy with a file, which no batch can be made of meanwhile. */
    public boolean isPreparing(String fileId) throws OpenAiException, InterruptedException {
        return form.preparesFiles()
                && file(fileId).filter(StoredFile::inPreparation).isPresent();
    }

    /** A file's content as it comes in; empty where the provider does not find it. */
    public Optional<InputStream> content(String fileId) throws OpenAiException, InterruptedException {
        try {
            return Optional.of(http.download(form.content(encoded(fileId))));
        } catch (OpenAiException e) {
            return notFound(e);
        }
    }

    /** What a file says that {@link #content} gives. */
    public BatchResults results(InputStream in, int dimensions, ToIntFunction<String> expected) {
        return form.results(in, dimensions, expected);
    }

    /** The API itself must say so: the page of a gateway, a redirect or a refused method tells nothing of an object. */
    private static <T> Optional<T> notFound(OpenAiException e) throws OpenAiException {
        if (!(e.failure() instanceof OpenAiFailure.NotFound missing)) {
            throw e;
        }
        OpenAiReply reply = missing.reply();
        boolean ofObject = switch (reply.status()) {
            case NOT_FOUND, GONE -> true;
            // Gemini says so of a file.
            case FORBIDDEN -> !missing.error().is("model_not_found");
            default -> false;
        };
        if (ofObject && isJson(reply)) {
            return Optional.empty();
        }
        throw new OpenAiException(new OpenAiFailure.ServerTrouble(reply, missing.sentence(), Optional.empty()));
    }

    private static boolean isJson(OpenAiReply reply) {
        try {
            JsonNode json = JSON.readTree(reply.body());
            return json != null && json.isObject();
        } catch (IOException e) {
            return false;
        }
    }

    /** All pages; the query of each is added to the path. */
    private void list(String path, int size, Consumer<JsonNode> consumer) throws OpenAiException, InterruptedException {
        Set<String> cursors = new HashSet<>();
        String last = "";
        for (int number = 0; ; number++) {
            JsonNode page =
                    read("GET " + path.replaceFirst("\\?.*", ""), http.get(path + form.page(number, size, last)));
            form.items(page).forEach(consumer);
            last = form.cursor(page);
            // A server that gives the same page for ever would never be left.
            if (!form.hasMore(page, number, size) || last.isEmpty() || !cursors.add(last)) {
                return;
            }
        }
    }

    private ProviderBatch batch(String what, OpenAiReply reply) throws OpenAiException {
        ProviderBatch batch = form.batch(read(what, reply));
        checked(batch.id());
        return batch;
    }

    private static String checked(String id) throws OpenAiException {
        if (id.isBlank()) {
            throw unusable("the reply has no id");
        }
        return id;
    }

    private static JsonNode read(String what, OpenAiReply reply) throws OpenAiException {
        try {
            JsonNode json = JSON.readTree(reply.body());
            if (json != null && json.isObject()) {
                return json;
            }
        } catch (IOException e) {
            // The sentence below says all there is to say.
        }
        throw unusable("the reply to %s is no JSON object".formatted(what));
    }

    /** As good as lost: what it was the reply to may have taken place. */
    static OpenAiException unusable(String sentence) {
        return new OpenAiException(new OpenAiFailure.NetworkTrouble(true, sentence));
    }

    private static String encoded(String id) {
        return URLEncoder.encode(id, StandardCharsets.UTF_8);
    }
}
