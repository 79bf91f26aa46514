/** Small pictures on buttons, 24 x 24, in the colour of the text. */
import type { ComponentChildren } from "preact";

const Icon = ({ children }: { children: ComponentChildren }) => (
  <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    {children}
  </svg>
);

export const PlayIcon = () => (
  <Icon>
    <path d="M8 5v14l11-7z" />
  </Icon>
);
export const PauseIcon = () => (
  <Icon>
    <path d="M7 5h4v14H7zM13 5h4v14h-4z" />
  </Icon>
);
export const FirstIcon = () => (
  <Icon>
    <path d="M5 6h2v12H5zM19 6v12l-9-6z" />
  </Icon>
);
export const LastIcon = () => (
  <Icon>
    <path d="M17 6h2v12h-2zM5 6v12l9-6z" />
  </Icon>
);
export const PreviousIcon = () => (
  <Icon>
    <path d="M15.5 6v12L7 12zM17 6h2v12h-2z" transform="translate(-1 0)" />
  </Icon>
);
export const NextIcon = () => (
  <Icon>
    <path d="M8.5 6v12l8.500-6zM5 6h2v12H5z" transform="translate(1 0)" />
  </Icon>
);
export const DownloadIcon = () => (
  <Icon>
    <path d="M11 4h2v8h3.500L12 16.500 7.500 12H11zM5 18h14v2H5z" />
  </Icon>
);
export const ExpandIcon = () => (
  <Icon>
    <path d="M13 5h6v6h-2V8.400l-3.600 3.600-1.400-1.400L15.600 7H13zM5 13h2v2.600l3.600-3.600 1.400 1.400L8.400 17H11v2H5z" />
  </Icon>
);
export const CloseIcon = () => (
  <Icon>
    <path d="M6.400 5 12 10.600 17.600 5 19 6.400 13.400 12 19 17.600 17.600 19 12 13.400 6.400 19 5 17.600 10.600 12 5 6.400z" />
  </Icon>
);
export const MenuIcon = () => (
  <Icon>
    <path d="M4 6h16v2H4zM4 11h16v2H4zM4 16h10v2H4z" />
  </Icon>
);
export const LinkIcon = () => (
  <Icon>
    <path d="M10.600 7.800 12.500 5.900a4 4 0 0 1 5.600 5.600l-1.900 1.900-1.300-1.300 1.900-1.900a2.200 2.200 0 0 0-3.100-3.100l-1.900 1.900zM13.400 16.200l-1.900 1.900a4 4 0 0 1-5.600-5.600l1.900-1.900 1.300 1.300-1.900 1.900a2.200 2.200 0 0 0 3.100 3.100l1.900-1.900zM9.500 13.200l3.700-3.700 1.300 1.300-3.700 3.700z" />
  </Icon>
);
export const UnlinkIcon = () => (
  <Icon>
    <path d="M10.600 7.800 12.500 5.900a4 4 0 0 1 5.600 5.600l-1.900 1.900-1.300-1.300 1.900-1.900a2.200 2.200 0 0 0-3.100-3.100l-1.900 1.900zM13.400 16.200l-1.900 1.900a4 4 0 0 1-5.600-5.600l1.900-1.900 1.300 1.300-1.900 1.900a2.200 2.200 0 0 0 3.100 3.100l1.900-1.900zM4.700 6 6 4.700 19.300 18 18 19.300z" />
  </Icon>
);
export const ChevronIcon = ({ open }: { open: boolean }) => (
  <Icon>
    <path d={open ? "M6 9l6 6 6-6z" : "M9 6l6 6-6 6z"} />
  </Icon>
);
export const PinIcon = () => (
  <Icon>
    <path d="M8 4h8v2h-1v5l3 3v2h-5v5l-1 1-1-1v-5H6v-2l3-3V6H8z" />
  </Icon>
);
export const StarIcon = ({ full }: { full: boolean }) => (
  <Icon>
    <path
      d="m12 3.500 2.600 5.500 6 .800-4.400 4.200 1.100 6L12 17.100 6.700 20l1.100-6L3.400 9.800l6-.800z"
      fill={full ? "currentColor" : "none"}
      stroke="currentColor"
      stroke-width="1.800"
      stroke-linejoin="round"
    />
  </Icon>
);
