package io.embeddingoperator.runner.embed.openai.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.runner.embed.openai.http.OpenAiEndpoint;
import io.embeddingoperator.runner.embed.openai.http.OpenAiException;
import io.embeddingoperator.runner.embed.openai.http.OpenAiHttp;
import io.embeddingoperator.runner.embed.openai.http.OpenAiReply;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Gemini's own form, which stands beside its OpenAI form: that has no files. A line is one text, batches are operations, and their
 * only mark is a name for people.
 *
 * @param model as a path has it
 * @param version of the API, the first part of every path
 */
record GeminiForm(String model, String version) implements BatchForm {
    private static final Pattern OPENAI_FORM = Pattern.compile("(.*)/(v1[^/?]*)/openai/*(\\?.*)?");
    private static final String USUAL_VERSION = "v1beta";
    private static final String KEY = "x-goog-api-key";
    private static final String MODELS = "models/";
    private static final String FILES = "files/";
    private static final int MOST_A_PAGE = 100;

    GeminiForm {
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(version, "version");
    }

    static GeminiForm of(OpenAiEmbedder spec) {
        Matcher openai = OPENAI_FORM.matcher(spec.baseUrl());
        String model = Objects.requireNonNullElseGet(spec.batchDeployment(), spec::sentModel);
        return new GeminiForm(
                model.startsWith(MODELS) ? model.substring(MODELS.length()) : model,
                openai.matches() ? openai.group(2) : USUAL_VERSION);
    }

    /** Where no version is named there, the paths begin at the base URL itself, and a server that has none of them says so. */
    @Override
    public OpenAiEndpoint endpoint(OpenAiEmbedder spec, OpenAiEndpoint server) {
        Matcher openai = OPENAI_FORM.matcher(server.base().toString());
        OpenAiEndpoint root = openai.matches() ? server.at(openai.group(1)) : server;
        return root.withKeyIn(KEY);
    }

    @Override
    public BatchLines lines(Map<String, String> members, int tokens) {
        Map<String, String> ofGemini = new TreeMap<>(members);
        String dimensions = ofGemini.remove("dimensions");
        if (dimensions != null) {
            ofGemini.put("outputDimensionality", dimensions);
        }
        return new GeminiLines(ofGemini);
    }

    @Override
    public BatchResults results(InputStream in, int dimensions, ToIntFunction<String> expected) {
        return new JoinedResults(in, dimensions, expected);
    }

    /** Google's resumable upload, in one piece: a file is announced, and sent to where the server then wants it. */
    @Override
    public OpenAiReply upload(OpenAiHttp http, Path file, String name) throws OpenAiException, InterruptedException {
        ObjectNode announced = JsonNodeFactory.instance.objectNode();
        announced.putObject("file").put("displayName", name).put("mimeType", "application/jsonl");
        OpenAiReply place = http.post(
                "/upload/" + version + "/files",
                Map.of("x-goog-upload-protocol", "resumable", "x-goog-upload-command", "start"),
                announced.toString().getBytes(StandardCharsets.UTF_8));
        return http.send(
                pathOf(place.header("x-goog-upload-url").orElse("")),
                Map.of("x-goog-upload-offset", "0", "x-goog-upload-command", "upload, finalize"),
                file);
    }

    /** Behind the base URL, be it a proxy's: only the server itself gets to see the key. */
    private static String pathOf(String url) throws OpenAiException {
        try {
            URI place = new URI(url);
            if (place.getRawPath() != null && !place.getRawPath().isEmpty()) {
                return place.getRawPath() + (place.getRawQuery() == null ? "" : "?" + place.getRawQuery());
            }
        } catch (URISyntaxException e) {
            // The sentence below says all there is to say.
        }
        throw BatchApi.unusable("the server does not say where to upload a file to");
    }

    @Override
    public String files() {
        return "/" + version + "/files?";
    }

    @Override
    public String file(String id) {
        return "/" + version + "/" + FILES + id;
    }

    @Override
    public String content(String id) {
        return file(id) + ":download?alt=media";
    }

    /** An upload answers with the file in a wrapper. */
    @Override
    public StoredFile file(JsonNode json) {
        JsonNode file = json.has("file") ? json.path("file") : json;
        String bytes = file.path("sizeBytes").asText("");
        return new StoredFile(
                ProviderBatch.lastPart(file.path("name").asText("")),
                file.path("displayName").asText(""),
                bytes.matches("\\d{1,18}") ? OptionalLong.of(Long.parseLong(bytes)) : OptionalLong.empty(),
                file.path("state").asText().equals("PROCESSING"));
    }

    @Override
    public String path() {
        return "/" + version + "/batches";
    }

    @Override
    public String creation() {
        return "/" + version + "/" + MODELS + URLEncoder.encode(model, StandardCharsets.UTF_8)
                + ":asyncBatchEmbedContent";
    }

    @Override
    public String cancellation(String id) {
        return batch(id) + ":cancel";
    }

    @Override
    public ObjectNode order(String fileId, Map<String, String> metadata) {
        ObjectNode order = JsonNodeFactory.instance.objectNode();
        ObjectNode batch = order.putObject("batch");
        batch.put("displayName", ProviderBatch.displayName(metadata));
        batch.putObject("inputConfig").put("fileName", FILES + fileId);
        return order;
    }

    @Override
    public ProviderBatch batch(JsonNode json) {
        return ProviderBatch.ofOperation(json);
    }

    @Override
    public String page(int number, int size, String after) {
        String cursor = after.isEmpty() ? "" : "&pageToken=" + URLEncoder.encode(after, StandardCharsets.UTF_8);
        return "pageSize=" + Math.min(size, MOST_A_PAGE) + cursor;
    }

    @Override
    public JsonNode items(JsonNode page) {
        return page.path(page.has("operations") ? "operations" : "files");
    }

    @Override
    public String cursor(JsonNode page) {
        return page.path("nextPageToken").asText("");
    }

    @Override
    public boolean hasMore(JsonNode page, int number, int size) {
        return !cursor(page).isEmpty();
    }

    @Override
    public boolean preparesFiles() {
        return true;
    }
}
