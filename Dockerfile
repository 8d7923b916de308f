# The image of sot: one static program, and nothing else. It brings certificate
# roots inside the program, and needs no shell and no user.
#
#   docker build -t sot .
#   docker run --rm -v "$PWD:/repository" -w /repository sot run --all
#
# Neither USER nor WORKDIR is named: a runner of GitHub Actions sets both, and mounts
# files that only its own user may write.
ARG GO=1.26
FROM --platform=$BUILDPLATFORM golang:${GO} AS build
ARG TARGETOS TARGETARCH VERSION
WORKDIR /src
COPY . .
# With the flags of .goreleaser.yaml, so that the program is the released one, byte for byte.
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$VERSION" -o /out/sot ./cmd/sot \
    && install -d -m 1777 /out/tmp

FROM scratch
COPY --from=build /out /
ENTRYPOINT ["/sot"]
CMD ["action"]
