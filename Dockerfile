# The command as an image: docker build --tag pipewarden . && docker run --rm --volume "$PWD:/work" pipewarden lint pipeline.json
FROM node:24.21.0-alpine AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
COPY bundle/package.json bundle/
RUN npm ci --workspace bundle --ignore-scripts --no-audit --no-fund
COPY cli/ cli/
COPY shared/ shared/
COPY scripts/ scripts/
COPY docs/config.schema.json docs/
RUN npm run --silent build -- cli && rm dist/cli/meta.json

FROM node:24.21.0-alpine
# lint --diff reads the repository with git.
RUN apk add --no-cache git
COPY --from=build /build/dist/cli/ /opt/pipewarden/
COPY LICENSE /opt/pipewarden/
USER node
WORKDIR /work
ENTRYPOINT ["node", "/opt/pipewarden/pipewarden.mjs"]
CMD ["--help"]
