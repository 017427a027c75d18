package io.embeddingoperator.runner.embed.onnx.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.api.v1alpha1.Model;
import io.embeddingoperator.api.v1alpha1.UrlModel;
import io.embeddingoperator.api.v1alpha1.VerifiedUrl;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.failure.UnavailableException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelLocatorTest {
    private static final byte[] MODEL = bytes(3_000_000);
    private static final byte[] TOKENIZER = "{}".getBytes(StandardCharsets.UTF_8);
    private static final String WRONG = "0".repeat(64);

    @TempDir
    private Path temporary;

    private TestingFileServer server;
    private Path cache;

    @BeforeEach
    void serve() throws IOException {
        cache = temporary.resolve("cache");
        server = new TestingFileServer();
        server.put("/m/model.onnx", MODEL);
        server.put("/m/tokenizer.json", TOKENIZER);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aBundledModelIsAFolderOfItsName() throws IOException {
        Path folder = folder("bundled/all-minilm-l6-v2", "model.onnx", "tokenizer.json");

        ModelFiles files = locator().locate(new Model.Bundled("all-minilm-l6-v2"));

        assertThat(files)
                .isEqualTo(new ModelFiles(
                        "all-minilm-l6-v2",
                        folder.resolve("model.onnx"),
                        folder.resolve("tokenizer.json"),
                        new PublishedFolder(folder)));
    }

    @Test
    void anUnknownBundledModelIsAnsweredWithThoseThatThereAre() throws IOException {
        folder("bundled/all-minilm-l6-v2", "model.onnx", "tokenizer.json");
        folder("bundled/other", "model.onnx", "tokenizer.json");

        assertThatThrownBy(() -> locator().locate(new Model.Bundled("../all-minilm")))
                .isInstanceOf(SpecificationException.class)
                .hasMessage("spec.embedder.onnx.model.bundled is ../all-minilm, which is not bundled: "
                        + "use one of all-minilm-l6-v2, other");
    }

    @Test
    void aFolderIsTakenInEachUsualArrangement() throws IOException {
        Path flat = folder("flat", "model.onnx", "tokenizer.json");
        Path nested = folder("nested", "onnx/model.onnx", "tokenizer.json");
        Path named = folder("named", "bge-small.onnx", "tokenizer.json");
        Path nestedName = folder("nestedName", "onnx/model_fp16.onnx", "onnx/tokenizer.json");

        assertThat(locator().locate(new Model.Folder(flat.toString())).model()).isEqualTo(flat.resolve("model.onnx"));
        assertThat(locator().locate(new Model.Folder(nested.toString())))
                .isEqualTo(new ModelFiles(
                        nested.toString(),
                        nested.resolve("onnx/model.onnx"),
                        nested.resolve("tokenizer.json"),
                        new PublishedFolder(nested)));
        assertThat(locator().locate(new Model.Folder(named.toString())).model())
                .isEqualTo(named.resolve("bge-small.onnx"));
        assertThat(locator().locate(new Model.Folder(nestedName.toString())).tokenizer())
                .isEqualTo(nestedName.resolve("onnx/tokenizer.json"));
    }

    @Test
    void aFolderThatDoesNotDoIsNamedWithWhatItLacks() throws IOException {
        Path missing = temporary.resolve("missing");
        Path empty = folder("empty", "README.md");
        Path bare = Files.createDirectory(temporary.resolve("bare"));
        Path two = folder("two", "a.onnx", "b.onnx");
        Path alone = folder("alone", "model.onnx");
        folder(".", "tokenizer.json");

        assertRefused(
                missing, "the model folder %s is missing: mount the model there, or correct spec.embedder.onnx.model");
        assertRefused(empty, "the model folder %s holds no ONNX file: put model.onnx or onnx/model.onnx there");
        assertRefused(
                bare,
                "the model folder %s holds no ONNX file: put model.onnx or onnx/model.onnx there; it is empty: an image that is"
                        + " mounted there must be a container image with the files in it (FROM scratch, COPY), not an artefact"
                        + " as ORAS pushes it");
        assertRefused(
                two,
                "the model folder %s holds 2 ONNX files and none is named model.onnx: keep one, rename it, or name it in the model's field file");
        assertRefused(
                alone,
                "the model %s/model.onnx has no tokenizer.json beside it: copy the one that it was published with");
    }

    @Test
    void aDownloadIsVerifiedAndKept() throws IOException {
        ModelFiles files = locator().locate(download(sha256(MODEL)));
        ModelFiles again = locator().locate(download(sha256(MODEL)));

        assertThat(files.model()).hasBinaryContent(MODEL);
        assertThat(files.tokenizer()).hasBinaryContent(TOKENIZER);
        assertThat(again.model()).isEqualTo(files.model());
        assertThat(again.tokenizer()).isEqualTo(files.tokenizer());
        assertThat(server.requests()).containsExactly("/m/tokenizer.json null null", "/m/model.onnx null null");
    }

    @Test
    void aCachedFileThatWasDamagedIsDownloadedAgain() throws IOException {
        ModelFiles files = locator().locate(download(sha256(MODEL)));
        Files.write(files.model(), new byte[] {1, 2, 3});

        assertThat(locator().locate(download(sha256(MODEL))).model()).hasBinaryContent(MODEL);
    }

    @Test
    void aDownloadThatBreaksOffGoesOnWhereItEnded() throws IOException {
        cacheTokenizer();
        server.breakOffAfter(1_000_000);

        ModelFiles files = locator().locate(download(sha256(MODEL)));

        assertThat(files.model()).hasBinaryContent(MODEL);
        assertThat(server.requests().getLast()).matches("/m/model.onnx bytes=[1-9]\\d*- \"1\"");
    }

    @Test
    void aConnectionThatBreaksOffAgainAndAgainBringsALargeFileAllTheSame() {
        // given more breaks than there are retries
        byte[] large = bytes(12_000_000);
        server.put("/m/large.onnx", large);
        cacheTokenizer();
        server.breakOffEvery(2_000_000);

        // when
        ModelFiles files = locator()
                .locate(new Model.Download(new UrlModel(
                        new VerifiedUrl(server.url() + "/m/large.onnx", sha256(large)),
                        new VerifiedUrl(server.url() + "/m/tokenizer.json", sha256(TOKENIZER)))));

        // then
        assertThat(files.model()).hasBinaryContent(large);
    }

    @Test
    void aConnectionThatGoesSilentIsGivenUpAndGoneOnWith() throws IOException {
        cacheTokenizer();
        server.stallAfter(1_000_000);

        ModelFiles files = locator(Duration.ofSeconds(2)).locate(download(sha256(MODEL)));

        assertThat(files.model()).hasBinaryContent(MODEL);
        assertThat(server.requests().getLast()).matches("/m/model.onnx bytes=[1-9]\\d*- \"1\"");
    }

    @Test
    void aDownloadThatChangedOnTheServerStartsOver() throws IOException {
        Path partial = partial(new byte[] {9, 9, 9}, "\"0\"");

        ModelFiles files = locator().locate(download(sha256(MODEL)));

        assertThat(files.model()).hasBinaryContent(MODEL);
        assertThat(server.requests()).contains("/m/model.onnx bytes=3- \"0\"");
        assertThat(partial).doesNotExist();
    }

    @Test
    void aPartialFileOfUnknownVersionThatDoesNotFitIsReplaced() throws IOException {
        partial(new byte[] {9, 9, 9}, null);

        ModelFiles files = locator().locate(download(sha256(MODEL)));

        assertThat(files.model()).hasBinaryContent(MODEL);
    }

    @Test
    void aPartialFileThatWasCompleteNeedsNoByteMore() throws IOException {
        partial(MODEL, "\"1\"");

        ModelFiles files = locator().locate(download(sha256(MODEL)));

        assertThat(files.model()).hasBinaryContent(MODEL);
        assertThat(server.requests().getLast()).isEqualTo("/m/model.onnx bytes=3000000- \"1\"");
    }

    @Test
    void aWrongChecksumIsNamedAndNothingStays() throws IOException {
        assertThatThrownBy(() -> locator().locate(download(WRONG)))
                .isInstanceOf(SpecificationException.class)
                .hasMessage(
                        "%s/m/model.onnx does not have the SHA-256 that spec.embedder.onnx.model.url.model.sha256 names, %s: "
                                        .formatted(server.url(), WRONG)
                                + "correct the checksum or the URL; the download was deleted");
        assertThat(keptFiles()).allMatch(file -> file.matches(".*tokenizer[.]json|.*[.](lock|sha256)"));
    }

    @Test
    void aRedirectOnTheSameServerIsFollowed() throws IOException {
        server.redirect("/m/model.onnx", "/elsewhere/model.onnx");
        server.put("/elsewhere/model.onnx", MODEL);

        assertThat(locator().locate(download(sha256(MODEL))).model()).hasBinaryContent(MODEL);
    }

    @Test
    void anAnswerMayHaveALongHead() throws IOException {
        // given: what a hub sends beside a signed address
        server.header("/m/model.onnx", "Content-Security-Policy", "default-src 'none';".repeat(1_000));

        // when, then
        assertThat(locator().locate(download(sha256(MODEL)))).isNotNull();
    }

    @Test
    void aRedirectToAnotherServerIsRefusedBeforeThatIsAsked() throws IOException {
        try (TestingFileServer other = new TestingFileServer()) {
            other.put("/m/model.onnx", MODEL);
            server.redirect("/m/model.onnx", other.url() + "/m/model.onnx");

            assertThatThrownBy(() -> locator().locate(download(sha256(MODEL))))
                    .isInstanceOf(SpecificationException.class)
                    .hasMessageStartingWith(
                            "%s/m/model.onnx cannot be downloaded: the server redirects to another port of the server, %s"
                                    .formatted(server.url(), other.url().replace("http://", "")));
            assertThat(other.requests()).isEmpty();
        }
    }

    @Test
    void redirectsThatDoNotEndAreGivenUp() {
        server.redirect("/m/model.onnx", "/m/model.onnx");

        assertThatThrownBy(() -> locator().locate(download(sha256(MODEL))))
                .isInstanceOf(SpecificationException.class)
                .hasMessageContaining("the server redirects more than 5 times");
    }

    @Test
    void aFileWithoutAnEndIsCutOffAndNothingStays() throws IOException {
        server.sendWithoutEnd("/m/tokenizer.json");

        assertThatThrownBy(() -> locator().locate(download(sha256(MODEL))))
                .isInstanceOf(SpecificationException.class)
                .hasMessage(("%s/m/tokenizer.json cannot be downloaded: it has more than the 67108864 bytes that such a"
                                + " file may have; correct the address")
                        .formatted(server.url()));
        assertThat(keptFiles()).allMatch(file -> file.endsWith(".lock"));
    }

    @Test
    void aMetadataServerIsNotAskedForAModel() {
        VerifiedUrl url = new VerifiedUrl("http://169.254.169.254/latest/meta-data/", WRONG);

        assertThatThrownBy(() -> locator().locate(new Model.Download(new UrlModel(url, url))))
                .isInstanceOf(SpecificationException.class)
                .hasMessageContaining("leads to a link-local address or a metadata server");
    }

    @Test
    void aServerThatIsBusyIsAskedAgain() throws IOException {
        server.refuse(2, 503);

        assertThat(locator().locate(download(sha256(MODEL))).model()).hasBinaryContent(MODEL);
    }

    @Test
    void aServerThatStaysAwayIsNamedWithoutTheSecretsOfItsAddress() {
        server.refuse(100, 503);
        String url = server.url() + "/m/model.onnx?signature=secret";

        assertThatThrownBy(() -> locator()
                        .locate(new Model.Download(
                                new UrlModel(new VerifiedUrl(url, WRONG), new VerifiedUrl(url, WRONG)))))
                .isInstanceOf(UnavailableException.class)
                .hasMessage("%s/m/model.onnx cannot be downloaded (the server answered with status 503): "
                                .formatted(server.url())
                        + "check the network and the server, then run again; what has come is kept");
    }

    @Test
    void aServerThatDoesNotAnswerIsNamedWithItsPort() {
        // given
        String url = server.url();
        server.close();

        // when, then
        assertThatThrownBy(() -> locator().locate(download(sha256(MODEL))))
                .isInstanceOf(UnavailableException.class)
                .hasMessageContaining("cannot be downloaded (the server %s does not answer): check the network"
                        .formatted(url.replace("http://", "")));
    }

    @Test
    void aServerWhoseNameIsNotKnownIsSaidToBeSo() {
        // given
        VerifiedUrl url = new VerifiedUrl("http://models.invalid/model.onnx", WRONG);

        // when, then
        assertThatThrownBy(() -> locator().locate(new Model.Download(new UrlModel(url, url))))
                .isInstanceOf(UnavailableException.class)
                .hasMessageContaining("cannot be downloaded (the name models.invalid is not known)");
    }

    @Test
    void anAddressThatTheServerDoesNotKnowIsRefusedAtOnce() {
        VerifiedUrl unknown = new VerifiedUrl(server.url() + "/m/unknown.json", WRONG);

        assertThatThrownBy(() -> locator().locate(new Model.Download(new UrlModel(unknown, unknown))))
                .isInstanceOf(SpecificationException.class)
                .hasMessage("%s/m/unknown.json cannot be downloaded: the server answered with status 404; "
                                .formatted(server.url())
                        + "correct the address, or put the files into a volume");
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void weightsBesideAModelAreFetchedWhenItNamesThem() {
        server.put("/m/model.onnx_data", bytes(70));
        server.put("/m/parts/a b", bytes(80));
        ModelFiles files = locator().locate(download(sha256(MODEL)));

        assertThat(files.weights().find("model.onnx_data"))
                .contains(files.model().resolveSibling("model.onnx_data"));
        assertThat(files.weights().find("parts/a b")).contains(files.model().resolveSibling("parts/a b"));
        assertThat(files.model().resolveSibling("parts/a b")).hasBinaryContent(bytes(80));
        assertThat(files.weights().find("other")).isEmpty();
        assertThat(files.weights().find("../model.onnx")).isEmpty();
        assertThat(files.weights().find("/etc/passwd")).isEmpty();
    }

    @Test
    void whatAModelIsPublishedWithLiesBesideItsTokenizerAndItsAbsenceIsRemembered() {
        server.put("/m/1_Pooling/config.json", TOKENIZER);
        ModelFiles files = locator().locate(download(sha256(MODEL)));

        assertThat(files.published().find("1_Pooling/config.json").orElseThrow())
                .hasBinaryContent(TOKENIZER);
        assertThat(files.published().find("modules.json")).isEmpty();
        int requests = server.requests().size();

        ModelFiles again = locator().locate(download(sha256(MODEL)));
        assertThat(again.published().find("1_Pooling/config.json")).isPresent();
        assertThat(again.published().find("modules.json")).isEmpty();
        assertThat(server.requests()).hasSize(requests);
    }

    @Test
    void aNamedFileOfAFolderIsTaken() throws IOException {
        Path folder = folder("several", "onnx/a.onnx", "onnx/b.onnx", "sub/deep/model.onnx", "tokenizer.json");

        assertThat(locator().locate(named(folder, "onnx/b.onnx")).model()).isEqualTo(folder.resolve("onnx/b.onnx"));
        assertThat(locator().locate(named(folder, "sub/deep/model.onnx")).tokenizer())
                .isEqualTo(folder.resolve("tokenizer.json"));
        assertThatThrownBy(() -> locator().locate(named(folder, "onnx/c.onnx")))
                .isInstanceOf(SpecificationException.class)
                .hasMessage(
                        "the model folder %s holds no file onnx/c.onnx: correct the model's field file, or leave it out"
                                .formatted(folder));
        assertThatThrownBy(() -> locator().locate(named(folder, "../several/onnx/a.onnx")))
                .isInstanceOf(SpecificationException.class)
                .hasMessageContaining("leads out of the model folder");
    }

    @Test
    void aFullDiskIsNamedWithTheFile() throws IOException {
        Path folder = Files.createDirectories(notes());
        Path partial = Files.createSymbolicLink(folder.resolve("model.onnx.partial"), Path.of("/dev/full"));

        assertThatThrownBy(() -> locator().locate(download(sha256(MODEL))))
                .isInstanceOf(UnavailableException.class)
                .hasMessageMatching(("the (download to \\Q%s\\E cannot be written \\(No space left on "
                                        + "device\\)|model cache \\Q%s\\E has \\d+ bytes free "
                                        + "and the download needs 3000000 more): ")
                                .formatted(partial, folder)
                        + "free space, or name another folder in EMBEDDING_OPERATOR_CACHE");
        Files.delete(partial);
    }

    @Test
    void threadsThatWantTheSameModelDownloadItOnce() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<ModelFiles>> found = IntStream.range(0, 4)
                    .mapToObj(i -> threads.submit(() -> locator().locate(download(sha256(MODEL)))))
                    .toList();
            for (Future<ModelFiles> each : found) {
                assertThat(each.get().model()).hasBinaryContent(MODEL);
            }
        }
        assertThat(server.requests()).hasSize(2);
    }

    private ModelLocator locator() {
        return locator(Duration.ofMinutes(1));
    }

    private ModelLocator locator(Duration longestTry) {
        return new ModelLocator(
                new BundledModels(Optional.of(temporary.resolve("bundled"))),
                new ModelCache(
                        cache, new DownloadPolicy(3, Duration.ofMillis(1), longestTry), new Redirects(List.of())),
                new ModelHub(server.url() + "/", Optional.empty()));
    }

    private Model download(String sha256) {
        return new Model.Download(new UrlModel(
                new VerifiedUrl(server.url() + "/m/model.onnx", sha256),
                new VerifiedUrl(server.url() + "/m/tokenizer.json", sha256(TOKENIZER))));
    }

    private static Model named(Path folder, String file) {
        return new Model.Folder(folder.toString(), Optional.of(file));
    }

    /** Where what is noted of the model's file lies. */
    private Path notes() {
        VerifiedUrl model = new VerifiedUrl(server.url() + "/m/model.onnx", sha256(MODEL));
        return cache.resolve(UrlFolder.of(model, "model.onnx", "", 1).place()).resolve("notes");
    }

    private List<String> keptFiles() throws IOException {
        try (Stream<Path> files = Files.walk(cache)) {
            return files.filter(Files::isRegularFile).map(Path::toString).toList();
        }
    }

    private void cacheTokenizer() {
        VerifiedUrl tokenizer = new VerifiedUrl(server.url() + "/m/tokenizer.json", sha256(TOKENIZER));
        byte[] small = {8};
        server.put("/m/small.onnx", small);
        locator()
                .locate(new Model.Download(
                        new UrlModel(new VerifiedUrl(server.url() + "/m/small.onnx", sha256(small)), tokenizer)));
    }

    private Path partial(byte[] content, String version) throws IOException {
        Path folder = Files.createDirectories(notes());
        if (version != null) {
            Files.writeString(folder.resolve("model.onnx.partial.version"), version);
        }
        return Files.write(folder.resolve("model.onnx.partial"), content);
    }

    private Path folder(String name, String... files) throws IOException {
        Path folder = temporary.resolve(name);
        for (String file : files) {
            Files.createDirectories(folder.resolve(file).getParent());
            Files.writeString(folder.resolve(file), file);
        }
        return folder;
    }

    private void assertRefused(Path folder, String message) {
        assertThatThrownBy(() -> locator().locate(new Model.Folder(folder.toString())))
                .isInstanceOf(SpecificationException.class)
                .hasMessage(message.formatted(folder));
    }

    private static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        new Random(1).nextBytes(bytes);
        return bytes;
    }
}
