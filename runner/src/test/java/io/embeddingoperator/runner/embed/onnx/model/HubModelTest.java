package io.embeddingoperator.runner.embed.onnx.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.api.v1alpha1.HuggingFaceModel;
import io.embeddingoperator.api.v1alpha1.Model;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.failure.UnavailableException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the runner asks of a hub, and what it makes of the answers. */
class HubModelTest {
    private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";
    private static final String ONNX = "/owner/name/resolve/%s/onnx/model.onnx".formatted(COMMIT);
    private static final byte[] MODEL = "a model".getBytes(StandardCharsets.UTF_8);
    private static final byte[] TOKENIZER = "{}".getBytes(StandardCharsets.UTF_8);
    private static final HubToken TOKEN = new HubToken("hf_secret");

    @TempDir
    private Path cache;

    private TestingFileServer server;

    @BeforeEach
    void serve() throws IOException {
        server = new TestingFileServer();
        put("onnx/model.onnx", MODEL);
        put("tokenizer.json", TOKENIZER);
        putRevision("main", "{\"sha\": \"%s\", \"siblings\": []}");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void theShortestManifestTakesTheCommitThatTheBranchStandsFor() {
        // given
        Model.Hub model = hub("main", null, null);

        // when
        ModelFiles files = locator().locate(model);

        // then
        assertThat(files.model()).hasBinaryContent(MODEL);
        assertThat(files.tokenizer()).hasBinaryContent(TOKENIZER);
        assertThat(locator().pinned(model.repository()))
                .isEqualTo(hub(COMMIT, null, null).repository());
    }

    @Test
    void aPinnedModelThatIsHereAsksTheHubForNothing() {
        // given
        ModelFiles files = locator().locate(hub(COMMIT, null, null));
        files.published().find("modules.json");
        server.close();

        // when
        ModelFiles again = locator().locate(hub(COMMIT, null, null));

        // then
        assertThat(again.model()).isEqualTo(files.model());
        assertThat(again.tokenizer()).isEqualTo(files.tokenizer());
        assertThat(again.published().find("modules.json")).isEmpty();
    }

    @Test
    void otherFilesAreFoundWhereTheRepositoryHasThem() {
        // given
        put("onnx/model.onnx_data", TOKENIZER);
        put("1_Pooling/config.json", TOKENIZER);

        // when
        ModelFiles files = locator().locate(hub(COMMIT, null, null));

        // then
        assertThat(files.weights().find("model.onnx_data"))
                .contains(files.model().resolveSibling("model.onnx_data"));
        assertThat(files.published().find("1_Pooling/config.json").orElseThrow())
                .hasBinaryContent(TOKENIZER);
        assertThat(files.published().find("2_Dense/config.json")).isEmpty();
        assertThat(files.published().find("../../other/tokenizer.json")).isEmpty();
    }

    @Test
    void theTokenizerBesideAModelComesBeforeTheOneAboveIt() {
        put("onnx/tokenizer.json", MODEL);

        assertThat(locator().locate(hub(COMMIT, null, null)).tokenizer()).hasBinaryContent(MODEL);
        assertThat(locator().locate(hub(COMMIT, null, "tokenizer.json")).tokenizer())
                .hasBinaryContent(TOKENIZER);
    }

    @Test
    void aFileInASubfolderIsTaken() {
        put("small/v2/model_quantized.onnx", MODEL);

        ModelFiles files = locator().locate(hub(COMMIT, "small/v2/model_quantized.onnx", null));

        assertThat(files.model()).hasBinaryContent(MODEL);
        assertThat(files.tokenizer()).hasBinaryContent(TOKENIZER);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../model.onnx", "/model.onnx", "onnx/../../model.onnx"})
    void aFileOutsideOfTheRepositoryIsRefused(String file) {
        assertThatThrownBy(() -> locator().locate(hub(COMMIT, file, null)))
                .isInstanceOf(SpecificationException.class)
                .hasMessage("spec.embedder.onnx.model.huggingFace.file is %s: name a file inside of the repository"
                        .formatted(file));
    }

    @Test
    void whatTheHubNamesAChecksumForIsVerified() {
        // given
        server.header(ONNX, "X-Linked-ETag", "\"%s\"".formatted("0".repeat(64)));

        // when, then
        assertThatThrownBy(() -> locator().locate(hub(COMMIT, null, null)))
                .isInstanceOf(UnavailableException.class)
                .hasMessageContaining("does not have the SHA-256 that the hub names for it");

        // given
        server.header(ONNX, "X-Linked-ETag", "\"%s\"".formatted(FileHash.sha256("a model")));

        // when, then
        assertThat(locator().locate(hub(COMMIT, null, null)).model()).hasBinaryContent(MODEL);
    }

    @Test
    void aCachedFileThatWasDamagedIsDownloadedAgain() throws IOException {
        Path model = locator().locate(hub(COMMIT, null, null)).model();
        Files.write(model, TOKENIZER);

        assertThat(locator().locate(hub(COMMIT, null, null)).model()).hasBinaryContent(MODEL);
    }

    @Test
    void theTokenGoesToTheHubAndNowhereElse() throws IOException {
        try (TestingFileServer other = new TestingFileServer()) {
            // given
            other.put("/model.onnx", MODEL);
            server.redirect(ONNX, other.url().replace("127.0.0.1", "localhost") + "/model.onnx");

            // when
            ModelFiles files = locator(Optional.of(TOKEN)).locate(hub("main", null, null));

            // then
            assertThat(files.model()).hasBinaryContent(MODEL);
            assertThat(server.authorizations()).hasSize(4).containsOnly("Bearer hf_secret");
            assertThat(other.authorizations()).containsExactly("null");
        }
        assertThat(TOKEN).hasToString("***");
    }

    @ParameterizedTest
    @CsvSource({
        "401, GatedRepo, false, accept the model's licence on %s/owner/name",
        "401, RepoNotFound, false, 'or outside of a cluster set HF_TOKEN'",
        "403, GatedRepo, true, the token that was sent may not read the repository",
        "404, RepoNotFound, true, 'private: correct spec.embedder.onnx.model.huggingFace.repository'",
        "404, RevisionNotFound, false, 'no revision main: correct spec.embedder.onnx.model.huggingFace.revision'",
    })
    void whatTheHubDoesNotGiveIsSaidWithTheRemedy(int status, String code, boolean token, String advice) {
        // given
        server.refuse(1, status, code);

        // when, then
        assertThatThrownBy(() -> locator(Optional.of(TOKEN).filter(_ -> token)).locate(hub("main", null, null)))
                .isInstanceOf(SpecificationException.class)
                .hasMessageStartingWith(
                        "%s/api/models/owner/name/revision/main cannot be downloaded: the hub answered with status %d; "
                                .formatted(server.url(), status))
                .hasMessageContaining(advice.replace("%s", server.url()))
                .hasMessageNotContaining("hf_secret");
    }

    @Test
    void aMirrorThatKnowsNoBranchesAsksForTheCommit() {
        assertThatThrownBy(() -> locator().locate(hub("v9", null, null)))
                .isInstanceOf(SpecificationException.class)
                .hasMessageEndingWith("the repository owner/name has no revision v9 that this hub knows: correct"
                        + " spec.embedder.onnx.model.huggingFace.revision, or give the commit there");
    }

    @Test
    void aFileThatTheRepositoryLacksIsAnsweredWithThoseThatItHas() {
        // given
        putRevision(
                COMMIT,
                "{\"sha\": \"%s\", \"siblings\": [{\"rfilename\": \"model.onnx\"}, {\"rfilename\": \"a.md\"}]}");

        // when, then
        assertThatThrownBy(() -> locator().locate(hub(COMMIT, "onnx/other.onnx", null)))
                .isInstanceOf(SpecificationException.class)
                .hasMessageEndingWith("cannot be downloaded: the repository owner/name has no file onnx/other.onnx at"
                        + " revision %s; it has model.onnx: name it in spec.embedder.onnx.model.huggingFace.file"
                                .formatted(COMMIT));
    }

    @Test
    void aRepositoryWithoutOnnxIsAnsweredWithTheCommandThatExportsIt() {
        // given
        putRevision(COMMIT, "{\"sha\": \"%s\", \"siblings\": [{\"rfilename\": \"model.safetensors\"}]}");

        // when, then
        assertThatThrownBy(() -> locator().locate(hub(COMMIT, "model.onnx", null)))
                .isInstanceOf(SpecificationException.class)
                .hasMessageEndingWith("it has no ONNX file at all: export the model to ONNX, by optimum-cli export onnx"
                        + " --model NAME --task feature-extraction FOLDER, and put that into a volume");
    }

    @ParameterizedTest
    @CsvSource({
        "'', https://huggingface.co",
        "' ', https://huggingface.co",
        "hub.example.com, https://hub.example.com",
        "hub.example.com:8080/hf/, https://hub.example.com:8080/hf",
        "http://127.0.0.1:8080/, http://127.0.0.1:8080",
    })
    void theHubMayBeAMirror(String value, String endpoint) {
        assertThat(ModelHub.of(Map.of("HF_ENDPOINT", value)).endpoint()).isEqualTo(endpoint);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp://hub.example.com", "https://", "https://a b", "https://user:secret@hub.example.com"})
    void aMirrorThatIsNoAddressIsRefused(String value) {
        assertThatThrownBy(() -> ModelHub.of(Map.of("HF_ENDPOINT", value)))
                .isInstanceOf(SpecificationException.class)
                .hasMessageStartingWith("the environment variable HF_ENDPOINT is no address of a hub")
                .hasMessageNotContaining("secret");
    }

    private void put(String path, byte[] content) {
        server.put("/owner/name/resolve/%s/%s".formatted(COMMIT, path), content);
    }

    private void putRevision(String revision, String answer) {
        server.put(
                "/api/models/owner/name/revision/" + revision,
                answer.formatted(COMMIT).getBytes(StandardCharsets.UTF_8));
    }

    private static Model.Hub hub(String revision, String file, String tokenizerFile) {
        return new Model.Hub(new HuggingFaceModel("owner/name", revision, file, tokenizerFile, null, null, null));
    }

    private ModelLocator locator() {
        return locator(Optional.empty());
    }

    private ModelLocator locator(Optional<HubToken> token) {
        return new ModelLocator(
                new BundledModels(Optional.empty()),
                new ModelCache(
                        cache,
                        new DownloadPolicy(1, Duration.ofMillis(1), Duration.ofMinutes(1)),
                        new Redirects(List.of("localhost"))),
                new ModelHub(server.url(), token));
    }
}
